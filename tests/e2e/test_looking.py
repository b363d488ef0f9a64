"""Looking at a model as a person does it, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.datasets.corrections import Corrections
from tests.support.browsing import opened
from tests.support.looking import Looking, looking
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def served(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looking]:
    """A Loupe with two versions of pets."""
    with looking(redis_server, tmp_path_factory.mktemp("looking")) as found:
        yield found


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, served: Looking) -> Iterator[Page]:
    """A page in a browser with scripts, and in one without."""
    with opened(browser, served.url, scripts=request.param) as page:
        yield page


def test_a_threshold_is_tried(page: Page) -> None:
    page.goto("/models/pets/2")
    part = page.get_by_role("region", name="How sure must it be?")
    expect(part.get_by_text("From 60\u202f% on")).to_be_visible()
    part.get_by_role("slider", name="Sure from").fill("95")
    part.get_by_role("combobox", name="Of").select_option("dog")
    # With scripts the button is not needed; it does no harm either.
    part.get_by_role("button", name="Show").click()
    expect(part.get_by_text("From 95\u202f% on, dog")).to_be_visible()
    expect(page).to_have_url(re.compile(r"sure=95&of=dog#sure$"))
    part.get_by_role("link", name="3", exact=True).click()
    expect(page.get_by_role("heading", name="less than 95\u202f% sure")).to_be_visible()


@pytest.mark.parametrize("page", [True], indirect=True, ids=["scripts"])
def test_a_slider_shows_at_once_what_it_does(page: Page) -> None:
    page.goto("/models/pets/2")
    slider = page.get_by_role("slider", name="Sure from")
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("From 100\u202f% on")).to_be_visible()
    expect(page.locator("#said")).to_have_text(re.compile("coverage 0.0"))
    expect(slider).to_be_focused()


def test_two_versions_are_compared(page: Page) -> None:
    page.goto("/models")
    choice = page.get_by_role("form", name="Compare two versions of pets")
    choice.get_by_label("Compare", exact=True).select_option("2")
    choice.get_by_label("beside").select_option("1")
    choice.get_by_role("button", name="Picture by picture").click()
    expect(page.get_by_role("heading", name="Broken: 1 to 2 of 2 pictures")).to_be_visible()
    pictures = page.get_by_role("list").filter(has=page.get_by_role("figure"))
    expect(pictures.get_by_role("listitem").first).to_contain_text("v2 cat 95.0")
    assert pictures.get_by_role("img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("link", name="Fixed 1").click()
    expect(pictures.get_by_role("listitem")).to_have_count(1)
    expect(pictures).to_contain_text("v1 dog 80.0")


def test_a_version_is_served_and_rolled_back(page: Page) -> None:
    page.goto("/models/pets/2")
    page.get_by_role("link", name="Serve v2 …").click()
    page.get_by_role("button", name="Serve v2").click()
    expect(page.get_by_text("Serving v2")).to_be_visible()
    page.get_by_role("link", name="Serve v1 again").click()
    expect(page.get_by_text("this is the way back")).to_be_visible()
    page.get_by_role("button", name="Serve v1").click()
    expect(page.get_by_text("Serving v1")).to_be_visible()


def test_labels_are_corrected_with_buttons(page: Page, served: Looking) -> None:
    page.goto("/models/pets/2/pictures")
    picture = page.get_by_role("listitem").filter(has=page.get_by_role("figure")).first
    picture.get_by_role("button", name=re.compile("It is cat")).click()
    expect(picture.get_by_text("will be cat")).to_be_visible()
    picture.get_by_role("button", name="Undo").click()
    expect(picture.get_by_role("button", name=re.compile("It is cat"))).to_be_visible()
    picture.get_by_role("button", name=re.compile("Leave out")).click()
    expect(picture.get_by_text("will be left out")).to_be_visible()
    page.get_by_role("link", name="next version of pets").click()
    expect(page.get_by_text("1 picture is corrected.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Undo the correction")).click()
    expect(page.get_by_text("Corrected by hand")).to_have_count(0)
    assert Corrections(served.world.storage, "pets").all() == []


@pytest.mark.parametrize("page", [True], indirect=True, ids=["scripts"])
def test_labels_are_corrected_with_one_key_each(page: Page, served: Looking) -> None:
    page.goto("/models/pets/2/pictures")
    pictures = page.get_by_role("listitem").filter(has=page.get_by_role("figure"))
    pictures.nth(0).get_by_role("button").first.focus()
    page.keyboard.press("a")
    expect(pictures.nth(0).get_by_text("will be cat")).to_be_visible()
    expect(page.locator("#said")).to_have_text("will be cat")
    # The next picture has the focus by then.
    expect(pictures.nth(1).get_by_role("button").first).to_be_focused()
    page.keyboard.press("x")
    expect(pictures.nth(1).get_by_text("will be left out")).to_be_visible()
    expect(pictures.nth(2).get_by_role("button").first).to_be_focused()
    # On a picture that was left alone, undo is of the one before.
    page.keyboard.press("u")
    expect(pictures.nth(1).get_by_role("button").first).to_be_focused()
    expect(pictures.nth(1).get_by_text("will be left out")).to_have_count(0)
    page.keyboard.press("k")
    expect(pictures.nth(0).get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("u")
    expect(pictures.nth(0).get_by_text("will be cat")).to_have_count(0)
    # The number of its class is no correction.
    page.keyboard.press("2")
    expect(page.locator("#said")).to_have_text("Nothing to correct.")
    assert Corrections(served.world.storage, "pets").all() == []
