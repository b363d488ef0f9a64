"""Signing in with a key and out again, as a person does it; with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from tests.support.access import add_key, revoke
from tests.support.api_server import ApiServer
from tests.support.browsing import PATIENCE_MS, opened
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Keyed:
    """A Loupe with keys and a served model; no worker, so that its jobs wait."""

    url: str
    path: Path


@pytest.fixture(scope="module")
def keyed(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("keyed")
    path = folder / "keys.json"
    add_key(path, "operator", "admin")
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    world = PageWorld(redis_server.url, folder / "var")
    world.publish()
    with ApiServer(folder, redis_server.url, {"LOUPE_API_KEYS_FILE": str(path)}) as server:
        yield Keyed(server.url, path)
    world.redis.connection_pool.disconnect()


@pytest.fixture
def key(keyed: Keyed) -> Iterator[str]:
    """Ann's."""
    yield add_key(keyed.path, "ann", "train")
    revoke(keyed.path, "ann")


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def visitor(request: pytest.FixtureRequest, browser: Browser, keyed: Keyed) -> Iterator[Page]:
    """A page of a browser that nobody has signed in with."""
    with opened(browser, keyed.url, scripts=request.param) as page:
        yield page


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Access key").fill(key)
    page.get_by_label("Access key").press("Enter")


def test_a_visitor_signs_in_works_and_signs_out(visitor: Page, keyed: Keyed, key: str) -> None:
    page = visitor
    # Whatever was asked for is there after the sign-in.
    page.goto("/models/shapes/1")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("serving")).to_have_count(0)
    sign_in(page, "loupe_wrong")
    expect(page.get_by_role("alert")).to_contain_text("not known")
    sign_in(page, key)
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


def test_a_page_that_is_watched_goes_on_and_ends_with_its_key(visitor: Page, keyed: Keyed, key: str) -> None:
    page = visitor
    page.goto("/sign-in")
    sign_in(page, key)
    expect(page.get_by_text("ann, train")).to_be_visible()
    page.get_by_label("Picture address").fill("https://example.org/star.png")
    page.get_by_role("button", name="Classify", exact=True).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()

    # Its list asks again by itself, and shows by itself that the session has ended with its key.
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    revoke(keyed.path, "ann")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
