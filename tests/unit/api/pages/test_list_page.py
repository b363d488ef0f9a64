"""The page of a list: what came of it, why some failed, and the pictures by any filter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared import errors, items
from shared.items import ItemInput
from shared.jobs.model import Json
from tests.support.page_world import PageWorld

SCORES = {"star": 0.972, "square": 0.02, "circle": 0.008}
URL = "http://shop.example/{}.jpg"


def outcomes(world: PageWorld, job_id: str) -> list[Json]:
    """Returns a star that is sure, a square that is not, and one picture that was not there."""
    return [
        world.item(job_id, SCORES, index=0, url=URL.format(1), id="mine-1"),
        world.item(job_id, {"square": 0.5}, index=1, url=URL.format(2)),
        items.failed(ItemInput(index=2, url=URL.format(3)), errors.HttpStatus("The host answered 404.")),
    ]


@pytest.fixture
def ended(shapes: PageWorld) -> str:
    """The id of a list of three that has ended."""
    job_id = shapes.listing(3)
    shapes.finish_list(job_id, outcomes(shapes, job_id))
    return job_id


def test_a_list_shows_what_came_of_it_and_why_some_failed(browser: FlaskClient, ended: str) -> None:
    page = browser.get(f"/jobs/{ended}").text
    assert "Batch of 3 pictures" in page
    assert "100\u202f% done" in page
    assert "the host answered with an error" in page
    assert "See whether the address opens without signing in" in page
    assert "results?format=csv" in page
    assert "results?format=ndjson" in page
    assert [f"shop.example/{n}.jpg" in page for n in (1, 2, 3)] == [True] * 3
    assert "mine-1" in page
    assert re.search(r"worth a look</dt><dd><a [^>]*>1</a></dd>", page)
    assert 'href="/models/shapes/1"' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [1, 2, 3]),
        ("status=failed", [3]),
        ("status=failed&error=http_status", [3]),
        ("error=dns_failed", []),
        ("below_threshold=true", [2]),
        ("label=star", [1]),
        ("label=&min_score=&max_score=0.6", [2]),
        ("label=&min_score=0.6&max_score=", [1]),
    ],
)
def test_a_list_can_be_filtered(browser: FlaskClient, ended: str, query: str, shown: list[int]) -> None:
    page = browser.get(f"/jobs/{ended}?{query}").text
    assert [n for n in (1, 2, 3) if f"shop.example/{n}.jpg" in page] == shown
    assert ("Only: " in page) == bool(query)
    assert ("None of them." in page) == (not shown)


def test_the_form_keeps_what_was_chosen_and_the_download_is_what_is_shown(browser: FlaskClient, ended: str) -> None:
    page = browser.get(f"/jobs/{ended}?label=star&min_score=0.65&max_score=").text
    assert '<option value="star" selected>star</option>' in page
    assert '<option value="0.65" selected>65\u202f%</option>' in page
    some = re.search(r'Download these: <a href="([^"]+)"', page)
    assert some is not None
    lines = browser.get(some[1].replace("&amp;", "&")).text.splitlines()
    assert [line.split(",")[0] for line in lines] == ["index", "0"]


def test_every_count_leads_to_its_pictures(browser: FlaskClient, ended: str) -> None:
    page = browser.get(f"/jobs/{ended}").text
    for query in ("label=star", "label=square", "status=failed&amp;error=http_status", "below_threshold=true"):
        assert f'href="/jobs/{ended}?{query}#items"' in page
    # No picture was called a circle, so there is nowhere to go.
    assert '<th scope="row">circle</th>' in page


def started(browser: FlaskClient) -> str:
    """Returns the id of a list of three pictures that was started on its page."""
    sent = {"list": "\n".join(URL.format(n) for n in (1, 2, 3)), "do": "start"}
    return browser.post("/batch", data=sent).location.rpartition("/")[2]


def test_what_failed_is_tried_again_in_a_job_of_its_own(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = started(browser)
    assert "/retry" not in browser.get(f"/jobs/{job_id}").text
    shapes.finish_list(job_id, outcomes(shapes, job_id))
    page = browser.get(f"/jobs/{job_id}").text
    assert f'action="/jobs/{job_id}/retry" method="post"' in page
    assert "Retry 1 failed" in page
    again = browser.post(f"/jobs/{job_id}/retry")
    assert again.status_code == 303
    assert "Batch of 1 picture<" in browser.get(again.location).text
    assert shapes.storage.read_bytes(f"{again.location[1:]}/input/00000000.ndjson").count(b"3.jpg") == 1


def test_a_double_click_on_retry_makes_one_job(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = started(browser)
    shapes.finish_list(job_id, outcomes(shapes, job_id))

    def retried() -> str:
        (once,) = re.findall(r'name="once" value="([^"]+)"', browser.get(f"/jobs/{job_id}").text)
        first, second = (browser.post(f"/jobs/{job_id}/retry", data={"once": once}).location for _ in range(2))
        assert first
        assert first == second
        return str(first)

    # A page that is loaded again may be meant again
    assert retried() != retried()


def test_a_list_without_failures_has_nothing_to_try_again(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.listing(2)
    shapes.finish_list(job_id, outcomes(shapes, job_id)[:2])
    assert "/retry" not in browser.get(f"/jobs/{job_id}").text
    page = browser.post(f"/jobs/{job_id}/retry")
    assert page.status_code == 409
    assert "nothing_to_retry" in page.text


@pytest.mark.parametrize("query", ["min_score=2", "status=odd", "cursor=x", "party=1"])
def test_a_filter_that_is_none_is_refused_by_name(browser: FlaskClient, ended: str, query: str) -> None:
    page = browser.get(f"/jobs/{ended}?{query}")
    assert page.status_code == 422
    assert f"{query.partition('=')[0]}:" in page.text


def test_small_pictures_are_loaded_when_they_are_looked_at(browser: FlaskClient, ended: str) -> None:
    page = browser.get(f"/jobs/{ended}").text
    assert f'<img src="/api/v1/jobs/{ended}/items/0/image" width="48" height="48" alt="" loading="lazy"' in page
    # What was never decoded has none.
    assert f"{ended}/items/2/image" not in page


def test_a_long_list_has_pages_and_each_is_small(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.listing(120)
    url = "http://shop.example/{}.jpg?" + "x" * 8000
    found = [shapes.item(job_id, SCORES, index=n, url=url.format(n), id="i" * 1024) for n in range(120)]
    shapes.finish_list(job_id, found)
    first = browser.get(f"/jobs/{job_id}?label=star").text
    assert len(first) < 100_000
    assert "shop.example/50.jpg" not in first
    assert f'href="/jobs/{job_id}?label=star&amp;cursor=50#items">More</a>' in first
    last = browser.get(f"/jobs/{job_id}?label=star&cursor=100").text
    assert "shop.example/119.jpg" in last
    assert "More</a>" not in last
    assert f'href="/jobs/{job_id}?label=star#items">First</a>' in last


def test_a_waiting_list_promises_nothing_and_holds_its_labels_places(shapes: PageWorld, browser: FlaskClient) -> None:
    page = browser.get(f"/jobs/{shapes.listing(3)}").text
    assert "0\u202f% done" in page
    assert "No worker for batches is running just now" in page
    assert "None yet." in page
    assert '<th scope="row">star</th>' in page


def test_of_many_labels_the_most_frequent_are_drawn(shapes: PageWorld, browser: FlaskClient) -> None:
    labels = [f"class-{n:02}" for n in range(20)]
    shapes.publish(version=2, labels=labels)
    job_id = shapes.listing(21)
    found: list[Json] = [one(shapes, job_id, n, labels[min(n, 19)]) for n in range(21)]
    shapes.redis.hset(f"loupe:job:{job_id}", "spec", '{"model": {"name": "shapes", "version": 2}, "threshold": 0.6}')
    shapes.finish_list(job_id, found)
    page = browser.get(f"/jobs/{job_id}").text
    assert "and 8 labels with fewer pictures" in page
    assert page.index("class-19</a>") < page.index("class-00</a>")


def one(world: PageWorld, job_id: str, index: int, label: str) -> Any:
    """Returns an item with this label."""
    return world.item(job_id, {label: 0.9}, index=index, url=URL.format(index))
