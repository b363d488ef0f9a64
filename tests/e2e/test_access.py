"""Signing in with a key and out again, as a person does it; with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.access import add_key, revoke
from tests.support.api_server import ApiServer
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

PATIENCE_MS = 20_000


@dataclass(frozen=True)
class Keyed:
    """A Loupe with keys and a served model; no worker, so that its jobs wait."""

    url: str
    path: Path
    key: str


@pytest.fixture
def keyed(own_redis: RedisServer, tmp_path: Path) -> Iterator[Keyed]:
    path = tmp_path / "keys.json"
    key = add_key(path, "ann", "train")
    world = PageWorld(own_redis.url, tmp_path / "api" / "var")
    world.publish()
    with ApiServer(tmp_path / "api", own_redis.url, {"LOUPE_API_KEYS_FILE": str(path)}) as server:
        yield Keyed(server.url, path, key)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def visitor(request: pytest.FixtureRequest, browser: Browser, keyed: Keyed) -> Iterator[Page]:
    """A page of a browser that nobody has signed in with. What its scripts complain about fails the test."""
    context = browser.new_context(base_url=keyed.url, java_script_enabled=request.param)
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert not complaints


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Access key").fill(key)
    page.get_by_label("Access key").press("Enter")


def test_a_visitor_signs_in_works_and_signs_out(visitor: Page, keyed: Keyed) -> None:
    page = visitor
    # Whatever was asked for is there after the sign-in.
    page.goto("/models/shapes/1")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("serving")).to_have_count(0)
    sign_in(page, "loupe_wrong")
    expect(page.get_by_role("alert")).to_contain_text("not known")
    sign_in(page, keyed.key)
    expect(page).to_have_url(f"{keyed.url}/models/shapes/1")
    expect(page.get_by_text("ann, train")).to_be_visible()

    # A form with its token makes a job; its pictures are read with the session.
    page.goto("/")
    sample = page.get_by_role("img", name="Classify the sample 1")
    expect(sample).to_be_visible()
    page.get_by_label("Picture address").fill("https://example.org/star.png")
    page.get_by_role("button", name="Classify", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("canceled").first).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_page_that_is_watched_goes_on_and_ends_with_its_key(
    visitor: Page, keyed: Keyed, own_redis: RedisServer
) -> None:
    page = visitor
    page.goto("/sign-in")
    sign_in(page, keyed.key)
    expect(page.get_by_text("ann, train")).to_be_visible()
    page.get_by_label("Picture address").fill("https://example.org/star.png")
    page.get_by_role("button", name="Classify", exact=True).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()

    # Its list asks again by itself, and shows by itself that the session has ended with its key.
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    revoke(keyed.path, "ann")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
