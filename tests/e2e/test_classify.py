"""The main job as a person does it: a picture goes in by the form, its class comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin, serve
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.tensorflow, pytest.mark.timeout(300)]


def drawn(label: str) -> bytes:
    """Returns a PNG of one large, filled shape in two clear colours."""
    pixels = plain_shape(label, np.random.default_rng(2))
    return encode(".png", pixels)


@pytest.fixture
def star(tmp_path: Path) -> Path:
    path = tmp_path / "star.png"
    path.write_bytes(drawn("star"))
    return path


def test_an_uploaded_star_is_a_star(page: Page, star: Path) -> None:
    page.goto("/")
    page.get_by_label("choose files").set_input_files(star)
    expect(page.get_by_role("img", name="The chosen picture, star.png")).to_be_visible()
    page.get_by_role("button", name="Classify star.png").click()
    expect(page.get_by_role("heading", name="star", exact=False)).to_be_visible()
    expect(page.get_by_text("% sure").first).to_be_visible()
    picture = page.get_by_role("img", name="The picture that was classified")
    assert picture.evaluate("image => image.naturalWidth") == 128
    expect(page.get_by_role("rowheader")).to_have_count(4)
    expect(page.get_by_text("predicted in")).to_be_visible()


def test_an_uploaded_star_is_a_star_without_scripts(plain_page: Page, star: Path) -> None:
    plain_page.goto("/")
    plain_page.get_by_label("choose files").set_input_files(star)
    plain_page.get_by_role("button", name="Classify files").click()
    expect(plain_page.get_by_role("heading", name="This is a star")).to_be_visible()


def test_an_address_is_fetched_and_classified(any_page: Page) -> None:
    page = any_page
    with Origin() as origin:
        origin.on("/circle.png", serve(drawn("circle")))
        page.goto("/")
        page.get_by_label("Picture address").fill(origin.url("/circle.png"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="This is a circle")).to_be_visible()
        expect(page.get_by_text("fetched in")).to_be_visible()


def test_a_sample_is_one_click_without_scripts(plain_page: Page) -> None:
    plain_page.goto("/")
    sample = plain_page.get_by_role("button", name="Classify the sample 1")
    label = str(sample.get_attribute("title"))
    sample.click()
    expect(plain_page.get_by_role("heading", name=label)).to_be_visible()


def test_a_picture_that_is_not_there_says_so_in_place(any_page: Page) -> None:
    page = any_page
    with Origin() as origin:
        page.goto("/")
        page.get_by_label("Picture address").fill(origin.url("/gone.png"))
        page.get_by_role("button", name="Classify", exact=True).click()
        expect(page.get_by_role("heading", name="No answer")).to_be_visible()
        expect(page.get_by_text("http_status")).to_be_visible()
        # The address stands in the field, to be corrected.
        expect(page.get_by_label("Picture address")).to_have_value(origin.url("/gone.png"))


def test_an_empty_field_says_so_in_place(plain_page: Page) -> None:
    plain_page.goto("/")
    plain_page.get_by_role("button", name="Classify", exact=True).click()
    expect(plain_page.get_by_role("alert")).to_contain_text("the field is empty")
    expect(plain_page.get_by_label("Picture address")).to_be_focused()


def test_several_files_become_a_list_that_fills_while_one_looks(page: Page, tmp_path: Path) -> None:
    files = []
    for label in ("star", "circle", "square"):
        path = tmp_path / f"{label}.png"
        path.write_bytes(drawn(label))
        files.append(path)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    page.goto("/")
    page.get_by_label("choose files").set_input_files([*files, broken])
    page.get_by_role("button", name="Classify 4 files").click()
    expect(page.get_by_role("heading", name="Batch of 4 pictures")).to_be_visible()
    expect(page.get_by_role("heading", name="100")).to_be_visible()
    expect(page.get_by_text("succeeded", exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="How many pictures failed for each reason")).to_contain_text("not_an_image")


def test_jobs_and_models_are_a_click_away(page: Page, loupe: RunningLoupe) -> None:
    page.goto("/")
    page.get_by_role("link", name="Jobs").click()
    # Other tests of this Loupe have asked for more than fits on a page.
    page.get_by_label("Kind").select_option("training")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Training shapes").last.click()
    expect(page.get_by_role("img", name="Share of pictures recognised, by epoch")).to_be_visible()
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="shapes")).to_be_visible()
    assert page.url == f"{loupe.base_url}/models"
