from __future__ import annotations

import time

import pytest

from shared.errors import BadSource, SourceNotFound
from tests.support.imports import Imports, picture, refusals
from trainer.datasets.filenames import compiled


def test_the_class_is_in_the_file_name(imports: Imports) -> None:
    for number in range(4):
        for label in ("cat", "dog"):
            path = imports.folder / "train" / f"more{number % 2}" / f"{label}.{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(2 * number + (label == "dog")))
    (imports.folder / "train" / "readme").write_text("x")

    report = imports.report({"type": "filenames", "path": "train", "pattern": "{label}.*"})

    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 3, "test": 1}}
    assert refusals(report) == {"train/readme": "no_label"}


@pytest.mark.parametrize(
    ("pattern", "name", "label"),
    [
        ("{label}.*", "cat.0.jpg", "cat"),
        ("{label}_*", "black_cat_1.jpg", "black"),
        ("*-{label}.jpg", "1-2-cat.jpg", "cat"),
        ("IMG????_{label}.*", "IMG0042_dog.png", "dog"),
        ("{label}[1].jpg", "cat[1].jpg", "cat"),
        ("{label}.*", ".jpg", None),
        ("{label}.png", "cat.jpg", None),
    ],
)
def test_the_label_is_the_shortest_match(pattern: str, name: str, label: str | None) -> None:
    match = compiled(pattern).fullmatch(name)
    assert (match and match["label"]) == label


def test_a_path_that_is_no_folder_is_refused(imports: Imports) -> None:
    (imports.folder / "file").write_text("x")
    with pytest.raises(BadSource, match="A folder of pictures"):
        imports.run({"type": "filenames", "path": "file", "pattern": "{label}.*"})
    with pytest.raises(SourceNotFound):
        imports.run({"type": "filenames", "path": "nowhere", "pattern": "{label}.*"})


def test_a_long_name_is_compared_in_no_time() -> None:
    pattern = compiled("*a*a*a{label}b")
    started = time.thread_time()

    assert pattern.fullmatch("a" * 255) is None
    assert time.thread_time() - started < 0.5
