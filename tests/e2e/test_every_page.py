"""What holds on every page, whatever Loupe holds: found from the app's own routes, so a new page is among them."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Response, ViewportSize, expect
from redis import Redis

from tests.support.access import add_key
from tests.support.api_server import ApiServer
from tests.support.page_states import STATES, PagePath, every_page
from tests.support.page_world import PageWorld
from tests.support.receiver import SECRET
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(600)]

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 800}
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
MOST_BYTES = 100 * 1024
# What only a program would say.
UNSAID = ("Traceback", "NoneType", "Internal Server Error", "undefined", "{{", "[object")

INLINE = """() => [...document.querySelectorAll("*")]
    .filter(element => element.matches("script:not([src]), style, [style], [href^='javascript:']")
        || [...element.attributes].some(({name}) => name.startsWith("on")))
    .map(element => element.outerHTML.slice(0, 120))"""
WITHOUT_WAY = """() => [
    ...[...document.forms].filter(form => !form.hasAttribute("action") || !form.hasAttribute("method")),
    ...[...document.querySelectorAll("button:not([hidden])")]
        .filter(button => button.type !== "submit" || button.form === null),
    ...document.querySelectorAll("a:not([href])"),
].map(element => element.outerHTML.slice(0, 120))"""
WIDER = """(width) => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll("main *")]
    .filter(element => element.getBoundingClientRect().right > width && !element.closest(".scroll, pre, svg"))
    .map(element => element.outerHTML.slice(0, 120)).slice(0, 3)"""
# A cell of fixed height lets what is too much for it flow over the next row.
FLOWS_OVER = """() => [...document.querySelectorAll("main :is(td, th)")]
    .filter(cell => cell.clientHeight && cell.scrollHeight > cell.clientHeight + 4)
    .map(cell => cell.outerHTML.slice(0, 120)).slice(0, 3)"""
BYTES = """() => performance.getEntries()
    .filter(({entryType, initiatorType}) => entryType === "navigation" || ["link", "script"].includes(initiatorType))
    .reduce((sum, {decodedBodySize}) => sum + decodedBodySize, 0)"""
RUN_AXE = "(asked) => axe.run({resultTypes: ['violations'], ...asked}).then(found => found.violations)"
# What axe looks at in the light, and in the dark: there only colours differ, as a test of the style sheet says.
RULES: dict[Theme, dict[str, object]] = {
    "light": {},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
FILL_WRONGLY = """() => {
    const form = document.querySelector("main form[method=post]");
    for (const field of form.querySelectorAll("input[type=text], input[type=url], textarea")) field.value = "?!";
    form.submit();
}"""


class Visitor:
    """Goes from page to page, and takes note of what is wrong with each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.judged = 0
        self.sizes: dict[str, int] = {}
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("console", lambda said: self._note(said.text) if "Content Security Policy" in said.text else None)

    def _note(self, *faults: str) -> None:
        self.faults += [f"{urlsplit(self.page.url).path}: {fault}" for fault in faults]

    def go(self, path: str) -> Response:
        """Opens a page, as large and as light as most are."""
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")
        answer = self.page.goto(path)
        assert answer is not None
        return answer

    def check(self) -> None:
        """Looks at the page in both themes and widths."""
        headings = self.page.locator("h1").count()
        if headings != 1:
            self._note(f"{headings} first headings")
        text = self.page.locator("html").inner_text()
        self._note(*(f"says {word!r}" for word in UNSAID if word in text))
        self._note(*(f"inline: {found}" for found in self.page.evaluate(INLINE)))
        self._note(*(f"needs a script: {found}" for found in self.page.evaluate(WITHOUT_WAY)))
        size = self.sizes[self.page.url] = self.page.evaluate(BYTES)
        if size > MOST_BYTES:
            self._note(f"{size:,} bytes")
        for width in (WIDE, NARROW):
            self.page.set_viewport_size(width)
            if width is NARROW and self.page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
                self._note(f"wider than a phone: {self.page.evaluate(WIDER, NARROW['width'])}")
            self._note(*(f"flows over, {width['width']} px: {found}" for found in self.page.evaluate(FLOWS_OVER)))
            for theme in THEMES:
                self._check_accessible(theme, width)

    def _check_accessible(self, theme: Theme, width: ViewportSize) -> None:
        self.page.emulate_media(color_scheme=theme)
        self.judged += 1
        for found in self.page.evaluate(RUN_AXE, RULES[theme]):
            where = [f"{node['target']} {node['failureSummary']}" for node in found["nodes"][:3]]
            self._note(f"{theme}, {width['width']} px: {found['id']}: {where}")

    def report(self) -> None:
        """Prints what docs/walk.md says of all this."""
        url, largest = max(self.sizes.items(), key=lambda entry: entry[1])
        sys.stdout.write(
            f"{len(self.sizes)} pages judged {self.judged} times: {len(self.faults)} faults; the largest,"
            f" {urlsplit(url).path}, has {largest / 1024:.0f} KB, the median {median(self.sizes.values()) / 1024:.0f}\n"
        )


@dataclass(frozen=True)
class Served:
    """A Loupe that answers, with nobody to work for it, and all its pages."""

    base_url: str
    pages: Sequence[PagePath]


@pytest.fixture(scope="module", params=STATES)
def served(
    request: pytest.FixtureRequest, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A Loupe that holds nothing, one that holds much, and one that holds failures."""
    folder = tmp_path_factory.mktemp(str(request.param))
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    with ApiServer(folder, redis_server.url, {"LOUPE_WEBHOOK_SECRET": SECRET}) as server:
        world = PageWorld(redis_server.url, folder / "var")
        pages = list(every_page(world.app, STATES[request.param](world)))
        # It is long, and the same whatever Loupe holds.
        yield Served(server.url, [page for page in pages if page.endpoint != "docs.docs" or request.param == "empty"])
        world.redis.connection_pool.disconnect()


def judged(browser: Browser, base_url: str) -> Page:
    """Returns a tab whose pages can be judged by axe."""
    context = browser.new_context(base_url=base_url)
    context.set_default_timeout(60_000)
    context.add_init_script(AXE_SCRIPT)
    return context.new_page()


@pytest.fixture
def visitor(browser: Browser, served: Served) -> Iterator[Visitor]:
    page = judged(browser, served.base_url)
    yield Visitor(page)
    page.context.close()


def test_every_page_is_for_everybody(visitor: Visitor, served: Served) -> None:
    """Accessible in both themes and widths, small, without inline code, usable without scripts, with its own title."""
    titled: dict[str, set[str]] = defaultdict(set)
    for where in served.pages:
        answer = visitor.go(where.path)
        visitor.check()
        # Without keys nobody signs in: that page leads on to the first one.
        if answer.status == 200 and answer.request.redirected_from is None:
            titled[visitor.page.title()].add(where.endpoint)
    visitor.report()
    assert not visitor.faults, "\n".join(visitor.faults)
    twice = [ends for ends in titled.values() if len(ends) > 1]
    # Without a model both show its training.
    assert twice in ([], [{"pages_classify.classify_page", "pages_batch.batch_page"}])


def test_every_form_says_what_is_wrong_where_it_is(visitor: Visitor, served: Served) -> None:
    """The same holds for what comes back when nonsense was sent."""
    for where in (path for path in served.pages if path.takes_form):
        visitor.go(where.path)
        if visitor.page.locator("main form[method=post]").count():
            with visitor.page.expect_navigation():
                visitor.page.evaluate(FILL_WRONGLY)
            visitor.check()
    visitor.report()
    assert not visitor.faults, "\n".join(visitor.faults)


def test_the_keyboard_stays_where_it_is_while_a_page_is_kept_up_to_date(
    browser: Browser, own_redis: RedisServer, tmp_path: Path
) -> None:
    with ApiServer(tmp_path, own_redis.url) as server:
        world = PageWorld(own_redis.url, tmp_path / "var")
        jobs = [world.listing(100), world.listing(200)]
        page = judged(browser, server.url)
        page.goto("/jobs")
        region = page.get_by_role("region", name="Table of jobs")
        for reached, job_id in zip((page.get_by_role("link", name="Batch of 100 pictures"), region), jobs, strict=True):
            reached.focus()
            old = region.element_handle()
            world.start(job_id)
            page.wait_for_function("old => !old.isConnected", arg=old)
            expect(reached).to_be_focused()
        world.redis.connection_pool.disconnect()
        page.context.close()


def test_a_wide_table_stays_where_it_was_moved_to_while_a_page_is_kept_up_to_date(
    browser: Browser, own_redis: RedisServer, tmp_path: Path
) -> None:
    with ApiServer(tmp_path, own_redis.url) as server:
        world = PageWorld(own_redis.url, tmp_path / "var")
        job_id = world.training()
        epochs = [
            {"epoch": 1, "accuracy": 0.5, "val_accuracy": 0.4},
            {"epoch": 2, "accuracy": 0.6, "val_accuracy": 0.5},
        ]
        world.start(job_id, {"done": 10, "total": 100, "history": epochs[:1]})
        page = judged(browser, server.url)
        page.set_viewport_size(NARROW)
        page.goto(f"/jobs/{job_id}")
        region = page.get_by_role("region", name="Numbers of each epoch")
        assert region.evaluate("one => one.scrollLeft = 40") == region.evaluate("one => one.scrollLeft") == 40
        assert world.units.progress(f"{job_id}:0", 1, {"done": 20, "total": 100, "history": epochs})
        region.get_by_role("rowheader", name="2", exact=True).wait_for(state="attached")
        assert region.evaluate("one => one.scrollLeft") == 40
        world.redis.connection_pool.disconnect()
        page.context.close()


def test_the_way_in_is_for_everybody(browser: Browser, own_redis: RedisServer, tmp_path: Path) -> None:
    """The form that only a Loupe with keys shows, as it comes and with a wrong key."""
    path = tmp_path / "keys.json"
    add_key(path, "ann", "train")
    with ApiServer(tmp_path / "api", own_redis.url, {"LOUPE_API_KEYS_FILE": str(path)}) as server:
        page = judged(browser, server.url)
        visitor = Visitor(page)
        visitor.go("/models")
        visitor.check()
        page.get_by_label("Access key").fill("loupe_wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        visitor.check()
        page.context.close()
    assert not visitor.faults, "\n".join(visitor.faults)
