"""From a schedule to a version that answers, and the way back, as a person does it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.support.loupe import WORKERS

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.tensorflow, pytest.mark.timeout(300)]

# An import starts a process, a training starts TensorFlow.
PATIENCE_MS = 90_000
NARROW: ViewportSize = {"width": 320, "height": 640}


def never_wider_than_the_window(page: Page) -> None:
    """Checks that nothing sticks out to the right of a phone."""
    before = page.viewport_size
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], page.url
    assert before is not None
    page.set_viewport_size(before)


def test_a_schedule_trains_a_version_that_is_undone_again(page: Page) -> None:
    # The times are shown, and what is wrong with them is said, while one types.
    page.goto("/train/schedule?recipe=shapes&dataset=shapes&name=often")
    times, coming = page.get_by_label("Times"), page.locator("#next")
    expect(coming.get_by_role("listitem")).to_have_count(5)
    times.fill("61 * * * *")
    expect(coming.get_by_text("cron says: Bad minute")).to_be_visible()
    times.fill("30 4 * * *")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    expect(coming.get_by_text("04:30 JST")).to_have_count(5)
    never_wider_than_the_window(page)

    # A wrong value comes back beside its field; the right one makes the schedule.
    page.get_by_label("Have it answer").select_option("always")
    page.get_by_label("Epochs").fill("0")
    page.get_by_role("button", name="Make the schedule").first.click()
    expect(page.get_by_text("expected a whole number from 1 to 1000, received 0")).to_be_visible()
    page.get_by_label("Epochs").fill("1")
    page.get_by_role("button", name="Make the schedule").first.click()
    expect(page.get_by_role("heading", name="often")).to_be_visible()

    # It runs while one looks.
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("running now")).to_be_visible()
    expect(page.get_by_text("served by it")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("0 pictures added, 0 removed")).to_be_attached()
    never_wider_than_the_window(page)
    page.goto("/schedules")
    expect(page.get_by_role("row", name="often")).to_contain_text("v2, served")
    never_wider_than_the_window(page)

    # The timeline has both versions, and the way back is one question.
    page.goto("/models/shapes/timeline")
    expect(page.get_by_role("table", name="Versions that answered, newest first").get_by_role("row")).to_have_count(3)
    never_wider_than_the_window(page)
    page.get_by_role("link", name="Serve v1 …").click()
    expect(page.get_by_role("heading", name="v1 beside v2, on the same 400 test pictures")).to_be_visible()
    expect(page.get_by_text("this is the way back")).to_be_visible()
    expect(page.get_by_text(f"{WORKERS} workers follow within seconds")).to_be_visible()
    never_wider_than_the_window(page)
    page.get_by_role("button", name="Serve v1").click()
    expect(page.get_by_text("Serving v1")).to_be_visible()
    expect(page.get_by_text(re.compile(f"{WORKERS} workers have it loaded"))).to_be_visible()
    page.goto("/models/shapes/timeline")
    expect(page.get_by_text("went back to it")).to_be_visible()


def test_a_schedule_is_made_changed_and_deleted_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto("/schedules")
    page.get_by_role("link", name=re.compile("Make a")).click()
    page.get_by_label("Name").fill("plain")
    page.get_by_label("Times").fill("every night")
    page.get_by_role("button", name="Show the next times").click()
    expect(page.get_by_text("Expected five fields")).to_be_visible()
    page.get_by_label("Times").fill("0 2 * * *")
    page.get_by_label("Time zone").fill("Europe/Paris")
    page.get_by_role("button", name="Show the next times").click()
    expect(page.get_by_role("listitem").filter(has_text="02:00 CE")).to_have_count(5)
    # Enter saves, though the first button that is to be seen shows the times.
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="plain")).to_be_visible()

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("It is not due while it is paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Train nothing when nothing has changed").check()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("It ends here if that has nothing new.")).to_be_visible()

    page.get_by_role("link", name="Delete …").click()
    page.get_by_role("button", name="Delete plain").click()
    expect(page.get_by_role("heading", name="Schedules")).to_be_visible()
    expect(page.get_by_role("link", name="plain")).to_have_count(0)
