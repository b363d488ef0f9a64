from __future__ import annotations

import struct

import numpy as np
import pytest

from shared.errors import NotAnImage, TooManyPixels
from shared.imaging import decode, inspect
from shared.imaging.formats.tiff import TIFF
from tests.support import pictures

LIMIT = 50_000_000
PIXELS = bytes(range(4 * 3))


def _tiff(changes: dict[int, list[int]] | None = None, order: str = "<", link: int = 0) -> bytes:
    """Returns a grey TIFF of 4 x 3 pixels in one strip, with some tags changed."""
    tags: dict[int, list[int]] = {
        256: [4],
        257: [3],
        258: [8],
        259: [1],
        262: [1],
        273: [8],
        277: [1],
        278: [3],
        279: [12],
    }
    tags |= changes or {}
    body, entries = PIXELS, b""
    for tag, values in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}I", *values)
        if len(values) > 1:
            place = 8 + len(body)
            body, packed = body + packed, struct.pack(order + "I", place)
        entries += struct.pack(order + "HHI", tag, 4, len(values)) + packed
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", 8 + len(body))
    return head + body + struct.pack(order + "H", len(tags)) + entries + struct.pack(order + "I", link)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    image = decode(_tiff(order=order), max_pixels=LIMIT)

    assert np.array_equal(image[:, :, 0], np.arange(12, dtype=np.uint8).reshape(3, 4))


def test_a_size_over_the_limit_is_refused() -> None:
    with pytest.raises(TooManyPixels):
        inspect(_tiff({256: [60_000], 257: [60_000]}), max_pixels=LIMIT)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({258: [32]}, "1 samples of 32 bits"),
        ({277: [9]}, "9 samples of 8 bits"),
        ({259: [6]}, "compressed by method 6"),
        ({273: [9_999]}, "a strip or tile lies outside of the file"),
        ({279: [5]}, "needs 12 bytes of pixels and has 5"),
        ({278: [1]}, "needs 3 strips or tiles and lists 1"),
        ({278: [0]}, "its strips or tiles have no size"),
        ({322: [16], 323: [0], 324: [8], 325: [12]}, "its strips or tiles have no size"),
        ({256: [0]}, "its header says 0 x 3 pixels"),
    ],
)
def test_broken_and_unreadable_files_are_refused(changes: dict[int, list[int]], message: str) -> None:
    with pytest.raises(NotAnImage, match=message):
        inspect(_tiff(changes), max_pixels=LIMIT)


def test_jpegs_that_are_decoded_again_and_again_are_refused() -> None:
    # 800 KB used for each of 4,000 rows took 9 s.
    again = {257: [100], 259: [7], 278: [1], 273: [8] * 100, 279: [12] * 100}
    many = {257: [10_001], 259: [7], 278: [1], 273: [8] * 10_001, 279: [0] * 10_001}

    with pytest.raises(NotAnImage, match="its strips or tiles are longer than the file"):
        inspect(_tiff(again), max_pixels=LIMIT)
    with pytest.raises(NotAnImage, match="more than 10,000 parts"):
        inspect(_tiff(many), max_pixels=LIMIT)


def test_a_size_in_a_type_that_only_the_decoder_reads_is_refused() -> None:
    # libtiff reads signed numbers too, and the first of two sizes: this one was 60,000 pixels wide to it and 4 to us.
    two_sizes = struct.pack("<HHII", 256, 9, 1, 60_000) + struct.pack("<HHII", 256, 4, 1, 4)
    hostile = _tiff({255: [0]}).replace(struct.pack("<HHIIHHII", 255, 4, 1, 0, 256, 4, 1, 4), two_sizes)

    with pytest.raises(NotAnImage, match="tag 256 has 1 values of type 9, which is not read"):
        inspect(hostile, max_pixels=LIMIT)


@pytest.mark.parametrize("tag", [256, 258, 273, 279])
def test_a_tag_without_a_value_is_refused(tag: int) -> None:
    empty = _tiff().replace(struct.pack("<HHI", tag, 4, 1), struct.pack("<HHI", tag, 4, 0))

    with pytest.raises(NotAnImage, match=f"tag {tag} has 0 values"):
        inspect(empty, max_pixels=LIMIT)


def test_a_tile_much_larger_than_the_picture_counts_for_its_memory() -> None:
    tile = {322: [65_520], 323: [65_520], 324: [8], 325: [12]}

    with pytest.raises(TooManyPixels, match="takes much memory to decode"):
        inspect(_tiff(tile), max_pixels=LIMIT)


def test_a_tag_that_points_outside_is_refused() -> None:
    with pytest.raises(NotAnImage, match="tag 273 points outside of the file"):
        inspect(
            _tiff({273: [8, 8]}).replace(struct.pack("<HHI", 273, 4, 2), struct.pack("<HHI", 273, 4, 999)),
            max_pixels=LIMIT,
        )


def test_only_the_first_page_reaches_the_decoder() -> None:
    assert TIFF.clean(_tiff(link=8)) == _tiff(link=0)


def test_a_big_tiff_is_refused_by_name() -> None:
    with pytest.raises(NotAnImage, match="It looks like a BigTIFF picture"):
        inspect(b"II+\x00" + bytes(100), max_pixels=LIMIT)


def test_a_good_tiff_is_read() -> None:
    assert np.array_equal(decode(pictures.every_kind()["tiff"], max_pixels=LIMIT), pictures.photo())
