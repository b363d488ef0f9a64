"""Pages of a real browser, each in a profile of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

PATIENCE_MS = 20_000


@contextmanager
def opened(browser: Browser, base_url: str, *, scripts: bool = True) -> Iterator[Page]:
    """Opens a page that nobody has signed in with. What its scripts complain about fails the test."""
    context = browser.new_context(base_url=base_url, java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints
