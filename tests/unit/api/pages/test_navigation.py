"""Where a page says it is: the mark in the header, and the way that stands above its title."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.support.page_world import PageWorld
from tests.support.schedule_world import toy_schedule

HERE = re.compile(r'<a href="([^"]*)" aria-current="page">')
CRUMBS = re.compile(r'<p class="crumbs small"><a href="([^"]*)">')


@pytest.fixture
def world(world: PageWorld) -> PageWorld:
    """A Loupe that has something of everything."""
    world.publish()
    world.dataset("pets")
    world.schedules.create(toy_schedule("weekly"))
    return world


@pytest.mark.parametrize(
    "path",
    [
        "/datasets/pets",
        "/models/shapes",
        "/models/shapes/1",
        "/models/shapes/1/promote",
        "/models/shapes/timeline",
        "/schedules/weekly",
        "/schedules/weekly/delete",
        "/schedules/weekly/edit",
        "/train/elsewhere",
        "/train/schedule",
    ],
)
def test_the_header_marks_the_page_that_the_way_to_this_one_begins_with(browser: FlaskClient, path: str) -> None:
    page = browser.get(path).text

    assert HERE.findall(page) == CRUMBS.findall(page)
    assert len(HERE.findall(page)) == 1


def test_a_schedule_that_is_refused_is_still_one(browser: FlaskClient) -> None:
    answer = browser.post("/train/schedule", data={"recipe": "cats-dogs-64", "name": "weekly", "cron": "never"})

    assert answer.status_code == 422
    assert HERE.findall(answer.text) == ["/schedules"]
