from __future__ import annotations

import struct

import numpy as np
import pytest

from shared.errors import NotAnImage, TooManyPixels
from shared.imaging import decode, inspect
from tests.support import pictures

LIMIT = 50_000_000


def _bmp(width: int, height: int, depth: int = 24, compression: int = 0, body: bytes = b"") -> bytes:
    palette = bytes(4 * 2**depth) if depth <= 8 else b""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, compression, 0, 0, 0, 0, 0)
    return struct.pack("<2sIII", b"BM", 0, 0, 54 + len(palette)) + info + palette + body


def test_a_negative_height_means_top_row_first() -> None:
    rows = bytes((0, 0, 255, 0)) + bytes((255, 0, 0, 0))

    top_first = decode(_bmp(1, -2, body=rows), max_pixels=LIMIT)
    bottom_first = decode(_bmp(1, 2, body=rows), max_pixels=LIMIT)

    assert top_first.tolist() == [[[255, 0, 0]], [[0, 0, 255]]]
    assert np.array_equal(bottom_first, top_first[::-1])


def test_the_old_header_of_os2_is_read() -> None:
    data = struct.pack("<2sIIIIHHHH", b"BM", 0, 0, 26, 12, 2, 1, 1, 24) + bytes(8)

    assert inspect(data, max_pixels=LIMIT).width == 2


@pytest.mark.parametrize("height", [-(2**31), 2**31 - 1, 1_000_000])
def test_huge_heights_are_refused(height: int) -> None:
    with pytest.raises(TooManyPixels):
        inspect(_bmp(100, height), max_pixels=LIMIT)


@pytest.mark.parametrize("width", [0, -1, -(2**31)])
def test_widths_below_one_are_refused(width: int) -> None:
    with pytest.raises(NotAnImage, match="its header says 0 x 4 pixels"):
        inspect(_bmp(width, 4), max_pixels=LIMIT)


def test_rows_that_are_missing_are_found() -> None:
    with pytest.raises(NotAnImage, match=r"1000 x 1000 pixels need 3,000,054 bytes, and it has 154"):
        inspect(_bmp(1_000, 1_000, body=bytes(100)), max_pixels=LIMIT)


def test_run_length_codes_that_cannot_fill_the_size_are_refused() -> None:
    with pytest.raises(NotAnImage, match="cut off"):
        inspect(_bmp(7_000, 7_000, 8, 1, bytes(100)), max_pixels=LIMIT)


def test_run_length_codes_are_read() -> None:
    body = bytes((4, 1, 0, 0, 4, 0, 0, 1))

    assert decode(_bmp(4, 2, 8, 1, body), max_pixels=LIMIT).shape == (2, 4, 3)


@pytest.mark.parametrize(("depth", "compression"), [(24, 1), (8, 3), (24, 4), (7, 0), (0, 0), (65_535, 0)])
def test_impossible_kinds_are_refused(depth: int, compression: int) -> None:
    data = bytearray(_bmp(4, 4))
    struct.pack_into("<HI", data, 28, depth, compression)

    with pytest.raises(NotAnImage, match=f"{depth} bits a pixel with compression {compression}"):
        inspect(bytes(data), max_pixels=LIMIT)


def test_a_bmp_whose_text_begins_with_bm_is_broken() -> None:
    with pytest.raises(NotAnImage, match="its header claims"):
        inspect(b"BMW is a maker of cars", max_pixels=LIMIT)


def test_a_good_bmp_is_read() -> None:
    assert np.array_equal(decode(pictures.every_kind()["bmp"], max_pixels=LIMIT), pictures.photo())
