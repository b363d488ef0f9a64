"""What holds on every page, whatever Loupe holds: found from the app's own routes, so a new page is among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
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
BYTES = """() => performance.getEntries()
    .filter(({entryType, initiatorType}) => entryType === "navigation" || ["link", "script"].includes(initiatorType))
    .reduce((sum, {decodedBodySize}) => sum + decodedBodySize, 0)"""
RUN_AXE = "() => axe.run({resultTypes: ['violations']}).then(found => found.violations)"
FILL_WRONGLY = """() => {
    const form = document.querySelector("main form[method=post]");
    for (const field of form.querySelectorAll("input[type=text], input[type=url], textarea")) field.value = "?!";
    form.submit();
}"""


@dataclass
class Visit:
    """One look at a page, and what is wrong with it.

    Attributes:
        bytes: of the page and what it loads, but for pictures.
    """

    page: Page
    path: str
    bytes: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", lambda said: self._refused(said.text))

    def _refused(self, said: str) -> None:
        if "Content Security Policy" in said:
            self.faults.append(said)

    def check(self) -> list[str]:
        """Looks at the page in both themes and widths; returns what is wrong."""
        self._check_words()
        self.faults += [f"inline: {found}" for found in self.page.evaluate(INLINE)]
        self.faults += [f"needs a script: {found}" for found in self.page.evaluate(WITHOUT_WAY)]
        self.bytes = self.page.evaluate(BYTES)
        if self.bytes > MOST_BYTES:
            self.faults.append(f"{self.bytes:,} bytes")
        for width in (WIDE, NARROW):
            self.page.set_viewport_size(width)
            if width is NARROW and self.page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
                self.faults.append(f"wider than a phone: {self.page.evaluate(WIDER, NARROW['width'])}")
            for theme in THEMES:
                self._check_accessible(theme, width)
        return [f"{self.path}: {fault}" for fault in self.faults]

    def _check_words(self) -> None:
        text = self.page.locator("html").inner_text()
        self.faults += [f"says {word!r}" for word in UNSAID if word in text]

    def _check_accessible(self, theme: Theme, width: ViewportSize) -> None:
        self.page.emulate_media(color_scheme=theme)
        for found in self.page.evaluate(RUN_AXE):
            where = [f"{node['target']} {node['failureSummary']}" for node in found["nodes"][:3]]
            self.faults.append(f"{theme}, {width['width']} px: {found['id']}: {where}")


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


@pytest.fixture
def context(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    """Where pages open that can be judged by axe."""
    opened = browser.new_context(base_url=served.base_url)
    opened.set_default_timeout(60_000)
    opened.add_init_script(AXE_SCRIPT)
    yield opened
    opened.close()


def test_every_page_is_for_everybody(context: BrowserContext, served: Served) -> None:
    """Accessible in both themes and widths, small, without inline code, and usable without scripts."""
    faults: list[str] = []
    for where in served.pages:
        page = context.new_page()
        visit = Visit(page, where.path)
        page.goto(where.path)
        faults += visit.check()
        page.close()
    assert not faults, "\n".join(faults)


def test_every_form_says_what_is_wrong_where_it_is(context: BrowserContext, served: Served) -> None:
    """The same holds for what comes back when nonsense was sent."""
    faults: list[str] = []
    for where in (path for path in served.pages if path.takes_form):
        page = context.new_page()
        page.goto(where.path)
        if page.locator("main form[method=post]").count():
            visit = Visit(page, f"{where.path} (sent)")
            with page.expect_navigation():
                page.evaluate(FILL_WRONGLY)
            faults += visit.check()
        page.close()
    assert not faults, "\n".join(faults)


def test_every_page_has_a_title_and_a_heading_of_its_own(context: BrowserContext, served: Served) -> None:
    titled: dict[str, set[str]] = defaultdict(set)
    page = context.new_page()
    for where in served.pages:
        answer = page.goto(where.path)
        assert answer is not None
        assert page.locator("h1").count() == 1, where.path
        # Without keys nobody signs in: that page leads on to the first one.
        if answer.status == 200 and answer.request.redirected_from is None:
            titled[page.title()].add(where.endpoint)
    twice = [ends for ends in titled.values() if len(ends) > 1]
    # Without a model both show its training.
    assert twice in ([], [{"pages_classify.classify_page", "pages_batch.batch_page"}])


def test_the_way_in_is_for_everybody(browser: Browser, own_redis: RedisServer, tmp_path: Path) -> None:
    """The form that only a Loupe with keys shows, as it comes and with a wrong key."""
    path = tmp_path / "keys.json"
    add_key(path, "ann", "train")
    faults: list[str] = []
    with ApiServer(tmp_path / "api", own_redis.url, {"LOUPE_API_KEYS_FILE": str(path)}) as server:
        context = browser.new_context(base_url=server.url)
        context.add_init_script(AXE_SCRIPT)
        page = context.new_page()
        visit = Visit(page, "/sign-in")
        page.goto("/models")
        faults += visit.check()
        page.get_by_label("Access key").fill("loupe_wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        faults += Visit(page, "/sign-in (sent)").check()
        context.close()
    assert not faults, "\n".join(faults)
