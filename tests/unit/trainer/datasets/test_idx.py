from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from shared.errors import BadSource, LabelOutOfRange, SourceNotFound, TooManyPictures
from shared.imaging import decode
from tests.support.imports import Imports

SOURCE = {"type": "idx", "images": "images", "labels": "labels"}
PIXELS = np.random.default_rng(0).integers(0, 256, (8, 3, 4), np.uint8)
LABELS = bytes([0, 1] * 4)


def images(pixels: np.ndarray = PIXELS) -> bytes:
    return struct.pack(">4I", 0x803, *pixels.shape) + pixels.tobytes()


def labels(values: bytes = LABELS) -> bytes:
    return struct.pack(">2I", 0x801, len(values)) + values


def write(imports: Imports, pictures: bytes, classes: bytes) -> None:
    (imports.folder / "images").write_bytes(pictures)
    (imports.folder / "labels").write_bytes(classes)


@pytest.mark.parametrize("packed", [True, False])
def test_two_files_are_pictures_and_their_classes(imports: Imports, packed: bool) -> None:
    pack = gzip.compress if packed else bytes
    write(imports, pack(images()), pack(labels()))

    report = imports.report({**SOURCE, "names": ["cat", "dog"]})

    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 3, "test": 1}}
    version = imports.version()
    found = [decode(version.picture(i), max_pixels=100)[:, :, 0] for i in range(len(version))]
    for label in (0, 1):
        of_class = {picture.tobytes() for picture, known in zip(found, version.labels, strict=True) if known == label}
        assert of_class == {picture.tobytes() for picture in PIXELS[label::2]}


def test_a_given_split_has_files_of_its_own(imports: Imports) -> None:
    write(imports, images(), labels())
    test = np.random.default_rng(1).integers(0, 256, (2, 3, 4), np.uint8)
    (imports.folder / "test-images").write_bytes(images(test))
    (imports.folder / "test-labels").write_bytes(labels(bytes([1, 0])))

    test_source = {"type": "idx", "images": "test-images", "labels": "test-labels"}
    report = imports.report({**SOURCE, "test": test_source})

    assert report["counts"] == {"0": {"train": 4, "test": 1}, "1": {"train": 4, "test": 1}}
    # Names given once are those of both sides.
    report = imports.report({**SOURCE, "names": ["cat", "dog"], "test": test_source})
    assert report["counts"] == {"cat": {"train": 4, "test": 1}, "dog": {"train": 4, "test": 1}}


def test_a_label_without_a_name_is_named(imports: Imports) -> None:
    write(imports, images(), labels(bytes([0, 1, 2, 1, 0, 1, 0, 1])))
    with pytest.raises(LabelOutOfRange, match="labels, label 2: a label from 0 to 1"):
        imports.run({**SOURCE, "names": ["cat", "dog"]})


@pytest.mark.parametrize(
    ("pictures", "classes", "words"),
    [
        (b"", labels(), "images is cut off"),
        (images()[:-1], labels(), "images is cut off: 1 more bytes"),
        (gzip.compress(images(), mtime=0)[:-20], labels(), "images is cut off"),
        (gzip.compress(images(), mtime=0)[:10] + b"\xff" * 50, labels(), "images is cut off or damaged"),
        (labels(), labels(), "begins with 0x00000803 here, received 0x00000801"),
        (images(), images(), "begins with 0x00000801 here"),
        (images(), labels()[:-1], "labels is cut off"),
        (images(), labels(LABELS[:-1]), "has 8 pictures and labels has 7 labels"),
        (struct.pack(">4I", 0x803, 8, 0, 4), labels(), "a side has 1 to 4096 pixels, received 4 x 0"),
        (struct.pack(">4I", 0x803, 2**32 - 1, 28, 28), labels(), "pictures and labels has 8 labels"),
    ],
)
def test_files_of_another_kind_are_refused(imports: Imports, pictures: bytes, classes: bytes, words: str) -> None:
    write(imports, pictures, classes)
    with pytest.raises(BadSource, match=words):
        imports.run(SOURCE)


def test_a_file_that_is_not_there_is_named(imports: Imports) -> None:
    (imports.folder / "images").write_bytes(images())
    with pytest.raises(SourceNotFound, match="labels"):
        imports.run(SOURCE)
    (imports.folder / "labels").mkdir()
    with pytest.raises(BadSource, match="no plain file"):
        imports.run(SOURCE)


def test_labels_are_not_read_where_there_are_too_many(imports: Imports) -> None:
    count = 2_000_000
    said = struct.pack(">4I", 0x803, count, 3, 4), struct.pack(">2I", 0x801, count)
    write(imports, gzip.compress(said[0]), gzip.compress(said[1]))

    with pytest.raises(TooManyPictures, match="the source has 2,000,000"):
        imports.report(SOURCE)
