"""Many pictures as a person gives them: a list goes in, is checked, runs, is filtered, taken away and tried again."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.support.origins import Origin, serve
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.tensorflow, pytest.mark.timeout(300)]

# Lists run at low priority, and beside the tests there may be a training.
PATIENCE_MS = 120_000
SHAPES = ("circle", "square", "star")


def drawn(label: str) -> bytes:
    """Returns a PNG of one large, filled shape in two clear colours."""
    return encode(".png", plain_shape(label, np.random.default_rng(2)))


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A host with a picture of each shape, and of nothing else."""
    with Origin() as serving:
        for label in SHAPES:
            serving.on(f"/{label}.png", serve(drawn(label)))
        yield serving


def expect_done(page: Page, total: int) -> None:
    """Waits until a list has ended."""
    expect(page.get_by_role("heading", name=f"Batch of {total} picture")).to_be_visible()
    expect(page.locator("#state .pill", has_text="succeeded")).to_be_visible(timeout=PATIENCE_MS)


def names(page: Page) -> list[str]:
    """Returns the shown pictures' names, without their host."""
    return [text.rpartition("/")[2].split()[0] for text in page.locator("td.address").all_inner_texts()]


def test_a_pasted_list_is_checked_started_filtered_taken_away_and_tried_again(any_page: Page, origin: Origin) -> None:
    page = any_page
    urls = [origin.url(f"/{name}.png") for name in (*SHAPES, "late", "star")]
    page.goto("/")
    page.get_by_role("link", name="Many pictures?").click()
    page.get_by_label("Picture addresses").fill("\n".join(urls))
    page.get_by_role("button", name="Check first").click()
    findings = page.get_by_role("region", name="Ready to start")
    expect(findings).to_contain_text("different addresses\n4", use_inner_text=True)
    expect(findings).to_contain_text("shapes v1")
    assert origin.requests == []

    page.get_by_role("button", name="Start").click()
    expect_done(page, 5)
    assert sum(request.path == "/star.png" for request in origin.requests) == 1
    expect(page.get_by_role("table", name="How many pictures failed for each reason")).to_contain_text("http_status")
    expect(page.locator("td.thumb img").first).to_be_visible()

    page.get_by_label("Label", exact=True).select_option("star")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Only: star.")).to_be_visible()
    assert names(page) == ["star.png", "star.png"]
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert [(row["index"], row["label"]) for row in rows] == [("2", "star"), ("4", "star")]

    page.get_by_role("link", name="http_status").click()
    expect(page.get_by_text("Only: failed")).to_be_visible()
    assert names(page) == ["late.png"]

    origin.on("/late.png", serve(drawn("square")))
    page.get_by_role("button", name="Retry 1 failed").click()
    expect_done(page, 1)
    expect(page.get_by_role("cell", name="square")).to_be_visible()


def test_a_dropped_file_is_checked_by_itself_and_starts(page: Page, origin: Origin) -> None:
    page.goto("/batch")
    lines = "".join(f"mine-{label},{origin.url(f'/{label}.png')}\n" for label in SHAPES)
    dropped = page.evaluate_handle(
        """text => {
          const files = new DataTransfer();
          files.items.add(new File([text], "shop.csv", { type: "text/csv" }));
          return files;
        }""",
        f"id,url\n{lines}",
    )
    page.locator("body").dispatch_event("drop", {"dataTransfer": dropped})
    findings = page.get_by_role("region", name="Ready to start")
    expect(findings).to_contain_text("shop.csv")
    expect(findings).to_contain_text("3")
    page.get_by_role("button", name="Start").click()
    expect_done(page, 3)
    expect(page.get_by_text("mine-star")).to_be_visible()


def test_a_chosen_file_starts(any_page: Page, origin: Origin) -> None:
    any_page.goto("/batch")
    text = "".join(f"{origin.url(f'/{label}.png')}\r\n" for label in SHAPES)
    any_page.get_by_label("choose files").set_input_files(
        {"name": "shop.txt", "mimeType": "text/plain", "buffer": text.encode()}
    )
    any_page.get_by_role("button", name="Start").click()
    expect_done(any_page, 3)


def test_an_archive_of_pictures_becomes_a_list(any_page: Page) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for label in SHAPES:
            zipped.writestr(f"shop/{label}.png", drawn(label))
    any_page.goto("/batch")
    any_page.get_by_label("choose files").set_input_files(
        {"name": "shop.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}
    )
    any_page.get_by_role("button", name="Start").click()
    expect_done(any_page, 3)
    assert names(any_page) == [f"{label}.png" for label in SHAPES]


def test_a_bad_file_says_so_in_place(any_page: Page) -> None:
    any_page.goto("/batch")
    any_page.get_by_label("choose files").set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"name,link\na,b\n"}
    )
    any_page.get_by_role("button", name="Check first").click()
    expect(any_page.get_by_role("alert")).to_contain_text("one column url")
    expect(any_page.get_by_role("button", name="Start")).to_be_visible()


def test_wrong_lines_are_named_while_one_types(page: Page) -> None:
    page.goto("/batch")
    page.get_by_label("Picture addresses").fill("http://example.org/1.png\n" + "x" * 9000)
    expect(page.get_by_role("region", name="1 line is not right")).to_contain_text("line 2")
    page.get_by_label("Picture addresses").fill("http://example.org/1.png")
    expect(page.get_by_role("region", name="Ready to start")).to_be_visible()
    page.get_by_label("Picture addresses").fill("")
    expect(page.get_by_role("region", name="What a list looks like")).to_be_visible()
