"""A folder dropped or chosen on the page, while the server is killed and the page is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from shared.storage import Storage
from shared.uploads import Uploads
from tests.support.api_server import ApiServer
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

# Each is a batch of its own; of 10,000 files a batch would have 25.
FILES = 300
# What may be on its way at a time, and so be sent twice.
MOST_AGAIN = FILES // 100
PATIENCE_MS = 60_000


@pytest.fixture
def server(own_redis: RedisServer, tmp_path: Path) -> Iterator[ApiServer]:
    """A Loupe that holds nothing; nobody works for it."""
    with ApiServer(tmp_path / "loupe", own_redis.url) as started:
        yield started


@pytest.fixture
def context(browser: Browser, server: ApiServer) -> Iterator[BrowserContext]:
    """A browser that remembers what it began to send."""
    opened = browser.new_context(base_url=server.url)
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of many files, half of them cats, and what a computer puts beside them."""
    for number in range(FILES):
        file = tmp_path / "pets" / ("cat" if number % 2 else "dog") / f"{number:04d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(f"picture {number}".encode())
    (tmp_path / "pets" / "Thumbs.db").write_bytes(b"clutter")
    return tmp_path / "pets"


def noted(page: Page) -> list[str]:
    """Returns a list that grows by each batch that the server has taken."""
    taken: list[str] = []

    def note(request: Request) -> None:
        if "/batches/" in request.url:
            taken.append(request.url.rpartition("/")[2])

    page.on("requestfinished", note)
    return taken


def choose(page: Page, folder: Path) -> list[str]:
    """Chooses the folder and sends it; returns what `noted` does."""
    taken = noted(page)
    page.goto("/datasets?from=upload")
    page.get_by_label("Name").fill("pets")
    page.get_by_label("choose one").set_input_files(folder)
    expect(page.get_by_text(f"pets: {FILES} files")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    return taken


def drop(page: Page, folder: Path) -> None:
    """Drops the folder on the page as a file manager does."""
    page.goto("/datasets?from=upload")
    page.get_by_label("Name").fill("pets")
    devtools = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for event in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": event, "x": 300, "y": 300, "data": carried})
    expect(page.get_by_text(f"pets: {FILES} files")).to_be_visible()


def arrived(server: ApiServer) -> int:
    uploads = Uploads(Storage(str(server.folder / "var" / "storage")))
    (upload,) = uploads.ids()
    return sum(batch.files for batch in uploads.arrived(upload).values())


def test_a_killed_server_costs_no_more_than_what_was_on_its_way(
    context: BrowserContext, server: ApiServer, folder: Path
) -> None:
    page = context.new_page()
    taken = choose(page, folder)
    expect(page.get_by_text(re.compile(f"[1-9][0-9]+ of {FILES} files"))).to_be_visible(timeout=PATIENCE_MS)
    server.kill()
    expect(page.get_by_text("The connection is lost.")).to_be_visible(timeout=PATIENCE_MS)
    with server:
        expect(page.get_by_role("heading", name="Import of pets")).to_be_visible(timeout=PATIENCE_MS)
        assert arrived(server) == FILES
        assert len(taken) <= FILES + MOST_AGAIN
        expect(page.get_by_text("from a folder that was uploaded")).to_be_visible()


def test_a_folder_that_is_dropped_and_then_chosen_goes_on(
    context: BrowserContext, server: ApiServer, folder: Path
) -> None:
    page = context.new_page()
    first = noted(page)
    drop(page, folder)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text(re.compile(f"[1-9][0-9]+ of {FILES} files"))).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("What has arrived is kept for a day")).to_be_visible()
    page.close()
    page = context.new_page()
    second = choose(page, folder)
    expect(page.get_by_role("heading", name="Import of pets")).to_be_visible(timeout=PATIENCE_MS)
    assert arrived(server) == FILES
    assert len(first) + len(second) <= FILES + MOST_AGAIN


def test_the_same_folder_asked_for_in_another_way_is_another_upload(
    context: BrowserContext, server: ApiServer, folder: Path
) -> None:
    page = context.new_page()
    page.route("**/batches/*", lambda route: route.abort())
    choose(page, folder)
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("What has arrived is kept for a day")).to_be_visible(timeout=1_000)

    page.get_by_label("Share kept for testing").fill("0.5")
    with page.expect_request(lambda request: request.url.endswith("/datasets/uploads")) as begun:
        page.get_by_role("button", name="Import").click()

    assert "0.5" in (begun.value.post_data or "")


def test_what_is_wrong_is_said_where_it_is(context: BrowserContext, server: ApiServer, folder: Path) -> None:
    page = context.new_page()
    page.goto("/datasets?from=upload")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_have_text("Choose a folder first, or drop one here.")
    page.get_by_label("choose one").set_input_files(folder)
    page.get_by_label("Name").fill("No Name")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("invalid_request")


def test_without_scripts_the_page_says_what_to_do(browser: Browser, server: ApiServer) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/datasets?from=upload")
    expect(page.get_by_text("A folder is sent by a script.")).to_be_visible()
    # What would need a script to do anything is not there.
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    page.get_by_role("link", name="that archive").click()
    expect(page.get_by_label("Archive", exact=True)).to_be_visible()
    context.close()
