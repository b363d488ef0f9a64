from __future__ import annotations

import struct

import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from shared.imaging.formats.av1 import frame_pixels
from shared.imaging.formats.boxes import boxes, items
from tests.support import heif, pictures

LIMIT = 50_000_000
# A unit of AV1 data: a frame of no bytes.
FRAME = b"\x32\x00"


def _claiming(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.parametrize("name", ["avif", "avif-grey", "avif-alpha", "avif-animated"])
def test_the_size_inside_the_picture_data_is_found(name: str) -> None:
    data = pictures.every_kind()[name]

    frames = list(frame_pixels(items(data, boxes(data), b"av01")))

    assert frames
    assert all(each == [48 * 32] for each in frames)


def test_picture_data_far_larger_than_the_header_says_is_refused() -> None:
    # OpenCV would decode all of it, and then make it small.
    data = pictures.encode(".avif", pictures.photo(1_600, 1_200))

    with pytest.raises(NotAnImage, match="its header says 16 x 16 pixels, its picture data 1,920,000 in all"):
        inspect(_claiming(data, 16, 16), max_pixels=LIMIT)


def test_a_grid_is_read() -> None:
    assert decode(heif.grid(2, 2, 128, 128, 64), max_pixels=LIMIT).shape == (128, 128, 3)


def test_a_grid_whose_tiles_are_far_larger_than_its_header_says_is_refused() -> None:
    # 12 KB took 1.35 s and 240 MB: libavif compares the sizes when all tiles are decoded.
    with pytest.raises(NotAnImage, match="its header says 256 x 256 pixels, its picture data 9,437,184 in all"):
        inspect(heif.grid(12, 12, 64, 3_072, 256), max_pixels=LIMIT)


def test_more_frames_than_a_still_picture_has_are_refused() -> None:
    # The decoder decodes them all and shows the last one: 4 KB of them were 0.8 s of work.
    coded, _ = heif.flat(1_024)

    assert decode(heif.still(coded * 4, 1_024), max_pixels=LIMIT).shape == (1_024, 1_024, 3)
    with pytest.raises(NotAnImage, match="its header says 1024 x 1024 pixels, its 5 frames 5,242,880 in all"):
        inspect(heif.still(coded * 5, 1_024), max_pixels=LIMIT)


def test_a_frame_that_takes_its_size_from_another_item_is_refused() -> None:
    with pytest.raises(NotAnImage, match="a frame of its picture data has no sequence header"):
        inspect(heif.still(FRAME, 64), max_pixels=LIMIT)


@pytest.mark.parametrize("table", [b"iloc", b"iref", b"ipma", b"iinf"])
def test_a_table_that_names_ever_new_items_is_refused(table: bytes) -> None:
    # Each is looked for among all before it: 60,000 in an iloc took 12 s, and their number may have 32 bits.
    entries = bytes(2**15) if table != b"iref" else heif.full(b"iref", bytes(2**15))

    with pytest.raises(NotAnImage, match=f"a {table.decode()} box of more than 32,768 bytes"):
        inspect(heif.still(heif.flat(64)[0], 64, {table: entries}), max_pixels=LIMIT)


def test_a_box_that_does_not_fit_is_refused() -> None:
    data = bytearray(pictures.every_kind()["avif"])
    struct.pack_into(">I", data, data.index(b"iprp") - 4, 2**31)

    with pytest.raises(NotAnImage, match="a box does not fit in the file"):
        inspect(bytes(data), max_pixels=LIMIT)


def test_a_file_of_nothing_but_boxes_is_refused_soon() -> None:
    with pytest.raises(NotAnImage, match="more than 5,000 parts"):
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

    assert list(frame_pixels([bytes((0x12, 0, 0x0A, len(payload))) + payload + FRAME])) == [[1_920 * 1_024]]


def test_a_sequence_header_that_ends_too_early_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        list(frame_pixels([bytes((0x0A, 1, 0))]))
    with pytest.raises(IndexError):
        list(frame_pixels([b"\x0a" + b"\xff" * 8]))
