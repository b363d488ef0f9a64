from __future__ import annotations

import struct

import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from shared.imaging.formats.av1 import frame_sizes
from shared.imaging.formats.boxes import boxes, items
from tests.support import pictures

LIMIT = 50_000_000


def _claiming(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.parametrize("name", ["avif", "avif-grey", "avif-alpha", "avif-animated"])
def test_the_size_inside_the_picture_data_is_found(name: str) -> None:
    data = pictures.every_kind()[name]

    sizes = [size for item in items(data, boxes(data), b"av01") for size in frame_sizes(item)]

    assert sizes
    assert set(sizes) == {(48, 32)}


def test_picture_data_far_larger_than_the_header_says_is_refused() -> None:
    # OpenCV would decode all of it, and then make it small.
    data = pictures.encode(".avif", pictures.photo(1_600, 1_200))

    with pytest.raises(NotAnImage, match="its header says 16 x 16 pixels, its picture 1600 x 1200"):
        inspect(_claiming(data, 16, 16), max_pixels=LIMIT)


def test_a_box_that_does_not_fit_is_refused() -> None:
    data = bytearray(pictures.every_kind()["avif"])
    struct.pack_into(">I", data, data.index(b"iprp") - 4, 2**31)

    with pytest.raises(NotAnImage, match="a box does not fit in the file"):
        inspect(bytes(data), max_pixels=LIMIT)


def test_a_file_of_nothing_but_boxes_is_refused_soon() -> None:
    with pytest.raises(NotAnImage, match="more than 100,000 parts"):
        inspect(pictures.every_kind()["avif"] + struct.pack(">I4s", 8, b"free") * 200_000, max_pixels=LIMIT)


def test_boxes_inside_one_another_are_not_followed_for_ever() -> None:
    nested = b"".join(struct.pack(">I4sI", 12 * (5_000 - level), b"meta", 0) for level in range(5_000))

    with pytest.raises(NotAnImage, match="its header says 0 x 0 pixels"):
        inspect(pictures.every_kind()["avif"][:32] + nested, max_pixels=LIMIT)


def test_a_picture_without_data_is_refused() -> None:
    data = pictures.every_kind()["avif"]

    with pytest.raises(NotAnImage, match="but it has no picture data"):
        inspect(data.replace(b"iloc", b"free"), max_pixels=LIMIT)


def test_items_that_use_the_same_bytes_again_and_again_are_refused() -> None:
    extents = struct.pack(">HH", 0, 2_000) + struct.pack(">II", 0, 2_000) * 2_000
    location = bytes((0, 0, 0, 0, 0x44, 0)) + struct.pack(">HH", 1, 1) + extents
    entry = struct.pack(">4xHH4s", 1, 0, b"av01")
    data = b"".join(
        struct.pack(">I4s", len(part) + 8, kind) + part for kind, part in ((b"infe", entry), (b"iloc", location))
    )
    listed = struct.pack(">I4s4xH", 14 + 8 + len(entry), b"iinf", 1) + data[: 8 + len(entry)]
    meta = listed + data[8 + len(entry) :]
    whole = struct.pack(">I4s4x", 12 + len(meta), b"meta") + meta

    with pytest.raises(NotAnImage, match="its items are longer than the file"):
        list(items(whole, boxes(whole), b"av01"))


def test_an_animation_is_read_by_its_still_picture() -> None:
    assert decode(pictures.every_kind()["avif-animated"], max_pixels=LIMIT).shape == (32, 48, 3)


def test_a_sequence_header_with_timing_and_operating_points_is_read() -> None:
    fields = [
        (0, 3),
        (0, 1),
        (0, 1),
        (1, 1),
        (1, 32),
        (1, 32),
        (1, 1),
        (0b00101, 5),
        (1, 1),
        (9, 5),
        (1, 32),
        (9, 5),
        (9, 5),
    ]
    fields += [(1, 1), (0, 5), (0, 12), (8, 5), (0, 1), (1, 1), (0, 21), (1, 1), (0, 4)]
    fields += [(10, 4), (9, 4), (1_919, 11), (1_023, 10)]
    bits = "".join(format(value, f"0{count}b") for value, count in fields)
    payload = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")

    assert list(frame_sizes(bytes((0x12, 0, 0x0A, len(payload))) + payload)) == [(1_920, 1_024)]


def test_a_sequence_header_that_ends_too_early_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        list(frame_sizes(bytes((0x0A, 1, 0))))
    with pytest.raises(IndexError):
        list(frame_sizes(b"\x0a" + b"\xff" * 8))
