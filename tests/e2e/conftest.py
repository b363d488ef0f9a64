"""A real browser for the tests of whole flows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browsing import opened
from tests.support.loupe import RunningLoupe

NAMES = ("chromium", "chromium-browser", "google-chrome")
# No sandbox, because tests run as root in containers too; nothing is asked of the network but Loupe.
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
]


# Playwright's event loop runs in this very thread until it ends, and tests of other files have loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; tests that need it are skipped where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, loupe: RunningLoupe) -> Iterator[Page]:
    """A page of the running Loupe."""
    with opened(browser, loupe.base_url) as page:
        yield page


@pytest.fixture
def plain_page(browser: Browser, loupe: RunningLoupe) -> Iterator[Page]:
    """A page of the running Loupe in a browser with scripts switched off."""
    with opened(browser, loupe.base_url, scripts=False) as page:
        yield page


@pytest.fixture(params=["page", "plain_page"], ids=["scripted", "plain"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """A page of the running Loupe, with scripts and without."""
    found: Page = request.getfixturevalue(request.param)
    return found
