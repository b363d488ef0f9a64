"""From a folder of pictures to a model that answers, as a person does it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.support.loupe import RunningLoupe
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.tensorflow, pytest.mark.timeout(300)]

CLASSES = ("circle", "star")
PER_CLASS = 30
# An import starts a process, a training starts TensorFlow.
PATIENCE_MS = 60_000


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A .zip with a folder per class, and one file that is no picture."""
    rng = np.random.default_rng(5)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for label in CLASSES:
            for number in range(PER_CLASS):
                zipped.writestr(f"{label}/{number}.png", encode(".png", plain_shape(label, rng)))
        zipped.writestr("star/broken.png", b"not a picture")
    path = tmp_path / "archive.zip"
    path.write_bytes(buffer.getvalue())
    return path


@pytest.mark.parametrize(("any_page", "name"), [("page", "two"), ("plain_page", "plain-two")], indirect=["any_page"])
def test_an_archive_becomes_a_model_that_answers(
    any_page: Page, name: str, archive: Path, tmp_path: Path, loupe: RunningLoupe
) -> None:
    page = any_page
    # The archive is imported while one looks, and its report says what was found.
    page.goto("/datasets")
    page.get_by_role("link", name="An archive upload").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Archive").set_input_files(archive)
    page.get_by_role("button", name="Import").click()
    page.get_by_role("link", name="See the report").click(timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="2 classes")).to_be_visible()
    expect(page.get_by_role("heading", name="Why 1 file was refused")).to_be_visible()
    sheet = page.get_by_role("img", name="Sample pictures of the classes circle and star")
    assert sheet.evaluate("image => image.naturalWidth") > 0

    # A wrong value comes back beside its field; the right one starts the training.
    page.get_by_role("link", name="Train on this").click()
    page.get_by_role("link", name="shapes", exact=True).click()
    page.get_by_label("Epochs").fill("0")
    page.get_by_label("Have it answer").select_option("never")
    page.get_by_role("button", name="Start training").first.click()
    expect(page.get_by_text("expected a whole number from 1 to 1000, received 0")).to_be_visible()
    page.get_by_label("Epochs").fill("2")
    page.get_by_role("button", name="Start training").first.click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("img", name="Share of pictures recognised, by epoch")).to_be_visible()

    # The version does not answer by itself, as was asked for; it is looked at and promoted.
    page.get_by_role("link", name=f"{name} v1").click()
    expect(page.get_by_role("table", name=f"What {name} v1 said about the test pictures")).to_be_visible()
    page.get_by_role("link", name="Serve v1 …").click()
    page.get_by_role("button", name="Serve v1").click()
    expect(page.get_by_text("Serving v1")).to_be_visible()

    star = tmp_path / "star.png"
    star.write_bytes(encode(".png", plain_shape("star", np.random.default_rng(2))))
    page.goto(f"/?model={name}")
    page.get_by_label("choose files").set_input_files(star)
    page.get_by_role("button", name=re.compile(r"Classify (star\.png|files)")).click()
    expect(page.get_by_text(f"by {name} v1")).to_be_visible(timeout=PATIENCE_MS)

    # A .keras file from anywhere is a version, too; this one was made here.
    (loupe.data_dir / "import").mkdir(exist_ok=True)
    model = loupe.get(f"/api/v1/models/{name}/versions/1/files/model.keras")
    (loupe.data_dir / "import" / f"{name}.keras").write_bytes(model.content)
    page.goto("/models")
    page.get_by_role("link", name="trained elsewhere").click()
    page.get_by_label("Model", exact=True).fill(f"brought-{name}")
    page.get_by_label("File").fill(f"{name}.keras")
    page.get_by_label("Dataset").select_option(name)
    page.get_by_label("Its classes").fill("\n".join(CLASSES))
    page.get_by_label("Width").fill("32")
    page.get_by_label("Height").fill("32")
    page.get_by_role("button", name="Take it in").click()
    page.get_by_role("link", name=f"brought-{name} v1", exact=True).click(timeout=PATIENCE_MS)
    expect(page.get_by_role("table", name=f"What brought-{name} v1 said about the test pictures")).to_be_visible()
