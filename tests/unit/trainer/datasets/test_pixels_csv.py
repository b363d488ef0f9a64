from __future__ import annotations

import numpy as np
import pytest

from shared.errors import BadSource, LabelOutOfRange, SourceNotFound
from shared.imaging import decode
from tests.support.imports import Imports

SOURCE = {"type": "pixels-csv", "path": "train.csv", "width": 4, "height": 3}
HEADER = ",".join(["label", *(f"pixel{n}" for n in range(1, 13))])


def line(label: int, seed: int) -> str:
    pixels = np.random.default_rng(seed).integers(0, 256, 12)
    return ",".join(map(str, [label, *pixels]))


def write(imports: Imports, *lines: str) -> None:
    (imports.folder / "train.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("header", [[HEADER], [], ["\ufeff" + HEADER]])
def test_each_line_is_a_picture(imports: Imports, header: list[str]) -> None:
    write(imports, *header, *(line(n % 2, n) for n in range(8)), "")

    report = imports.report({**SOURCE, "names": ["cat", "dog"]})

    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 3, "test": 1}}
    assert report["sizes"]["most_common"] == [{"width": 4, "height": 3, "count": 8}]


def test_the_pixels_are_kept_as_they_are(imports: Imports) -> None:
    write(imports, HEADER, *(line(n % 2, n) for n in range(8)))
    imports.run(SOURCE)

    version = imports.version()
    found = {decode(version.picture(i), max_pixels=100)[:, :, 0].tobytes() for i in range(len(version))}

    assert found == {np.random.default_rng(n).integers(0, 256, 12).astype(np.uint8).tobytes() for n in range(8)}


def test_numbers_without_names_are_classes_in_order_of_number(imports: Imports) -> None:
    write(imports, HEADER, *(line((2, 10, 1)[n % 3], n) for n in range(12)))
    assert imports.report(SOURCE)["classes"] == ["1", "2", "10"]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ("0,1,2,3", BadSource, "line 3: 13 columns are expected, a label and 4 x 3 pixels, received 4"),
        (line(0, 1) + ",7", BadSource, "received 14"),
        ("0" + ",256" * 12, BadSource, "0 to 255 are expected, received '256'"),
        ("0" + ",-1" * 12, BadSource, "received '-1'"),
        ("0" + ",x" * 12, BadSource, "received 'x'"),
        ("cat" + ",1" * 12, BadSource, "received 'cat'"),
        (line(2, 1), LabelOutOfRange, "line 3: a label from 0 to 1 is expected, because there are 2 names, received 2"),
        (line(-1, 1), LabelOutOfRange, "received -1"),
        ('"' + "1" * 200_000, BadSource, "cannot be read as CSV"),
    ],
)
def test_a_wrong_line_is_named(imports: Imports, wrong: str, error: type[Exception], words: str) -> None:
    write(imports, HEADER, line(0, 0), wrong)
    with pytest.raises(error, match=words):
        imports.run({**SOURCE, "names": ["cat", "dog"]})


def test_a_negative_label_needs_a_name_too(imports: Imports) -> None:
    write(imports, HEADER, line(-3, 0))
    with pytest.raises(LabelOutOfRange, match="a label of 0 or more is expected, received -3"):
        imports.run(SOURCE)


def test_a_path_that_is_no_file_is_refused(imports: Imports) -> None:
    with pytest.raises(SourceNotFound):
        imports.run(SOURCE)
    (imports.folder / "train.csv").mkdir()
    with pytest.raises(BadSource, match="no plain file"):
        imports.run(SOURCE)


@pytest.mark.parametrize("row", ["0," * 600_000, '"0\n",' * 300_000])
def test_a_row_has_an_end_whether_it_is_one_line_or_many(imports: Imports, row: str) -> None:
    """All of its cells are in memory at a time."""
    write(imports, line(0, 0), row)

    with pytest.raises(BadSource, match=r"at most 1,000,060 characters a row"):
        imports.report(SOURCE)
