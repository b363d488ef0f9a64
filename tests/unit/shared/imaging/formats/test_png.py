from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from shared.imaging.formats.png import PNG
from tests.support import pictures

LIMIT = 50_000_000


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 2**31 - 1, 1_000])
def test_a_chunk_that_claims_more_than_is_left_is_refused(length: int) -> None:
    whole = pictures.every_kind()["png"]
    at = whole.index(b"IDAT") - 4

    with pytest.raises(NotAnImage, match=f"a chunk claims {length:,} bytes where"):
        inspect(whole[:at] + struct.pack(">I", length) + whole[at + 4 : at + 200], max_pixels=LIMIT)


def test_41_bytes_whose_chunk_claims_4_gb_are_refused() -> None:
    assert len(pictures.huge_chunk_png()) == 41
    with pytest.raises(NotAnImage, match="This PNG"):
        inspect(pictures.huge_chunk_png(), max_pixels=LIMIT)


def test_a_flipped_bit_in_the_picture_data_is_found() -> None:
    damaged = bytearray(pictures.every_kind()["png"])
    damaged[damaged.index(b"IDAT") + 20] ^= 1

    with pytest.raises(NotAnImage, match="the checksum of its IDAT chunk is wrong"):
        inspect(bytes(damaged), max_pixels=LIMIT)


def test_picture_data_that_cannot_fill_the_size_is_cut_off() -> None:
    with pytest.raises(NotAnImage, match=r"6000 x 6000 pixels need at least 104,651 bytes"):
        inspect(pictures.png(6_000, 6_000, 8, 2, b"\x00" * 100), max_pixels=LIMIT)


def test_only_what_the_pixels_depend_on_reaches_the_decoder() -> None:
    extra = [pictures.chunk(kind, b"Loupe\x00\x00") for kind in (b"iCCP", b"tEXt", b"acTL", b"prIV")]
    rows = bytes((0, 9, 9, 9))

    cleaned = PNG.clean(pictures.png(1, 1, 8, 2, rows, *extra))

    assert cleaned == pictures.png(1, 1, 8, 2, rows)


@pytest.mark.parametrize(
    ("color", "samples", "depth"),
    [(0, 1, depth) for depth in (1, 2, 4, 8, 16)]
    + [(3, 1, depth) for depth in (1, 2, 4, 8)]
    + [(color, samples, depth) for color, samples in ((2, 3), (4, 2), (6, 4)) for depth in (8, 16)],
)
def test_every_colour_type_and_depth_of_the_standard_is_read(color: int, samples: int, depth: int) -> None:
    palette = [pictures.chunk(b"PLTE", bytes(6))] if color == 3 else []
    rows = bytes((1 + (samples * depth * 5 + 7) // 8) * 3)

    assert decode(pictures.png(5, 3, depth, color, rows, *palette), max_pixels=LIMIT).shape == (3, 5, 3)


def test_a_png_that_does_not_begin_with_its_header_is_refused() -> None:
    whole = pictures.every_kind()["png"]

    with pytest.raises(NotAnImage, match="does not begin with a valid header chunk"):
        inspect(whole[:8] + pictures.chunk(b"CgBI", bytes(4)) + whole[8:], max_pixels=LIMIT)


def _with_data(side: int, data: bytes) -> bytes:
    header = pictures.chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    parts = [pictures.chunk(b"IDAT", data[at : at + 8_192]) for at in range(0, len(data), 8_192)]
    return pictures.PNG_SIGNATURE + header + b"".join(parts) + pictures.chunk(b"IEND", b"")


def test_data_behind_the_last_row_that_becomes_gigabytes_is_refused() -> None:
    # libpng inflates it all: 4 MB behind one pixel took 10 s, and 20 MB as many times longer.
    packer = zlib.compressobj(9)
    bomb = packer.compress(bytes(4)) + b"".join(packer.compress(bytes(2**20)) for _ in range(300)) + packer.flush()

    with pytest.raises(NotAnImage, match="holds more than 10 bytes of pixels"):
        inspect(_with_data(1, bomb), max_pixels=LIMIT)


def test_a_picture_of_noise_that_might_hold_gigabytes_is_read() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (320, 320, 3), np.uint8)
    rows = b"".join(b"\x00" + row.tobytes() for row in noise)
    packed = zlib.compress(rows)
    assert len(packed) > 2**28 // 1032

    assert (decode(_with_data(320, packed), max_pixels=LIMIT) == noise).all()
    # What comes behind the end of the data is not inflated; a broken middle is libpng's to refuse.
    assert (decode(_with_data(320, packed + bytes(300_000)), max_pixels=LIMIT) == noise).all()
    with pytest.raises(NotAnImage, match="is broken or of a kind that cannot be read"):
        decode(_with_data(320, packed[:9_000] + bytes(100) + packed[9_100:]), max_pixels=LIMIT)


def test_one_orientation_reaches_the_decoder() -> None:
    # 99,000 of them took 0.9 s.
    turned, rows = pictures.chunk(b"eXIf", pictures.exif(6)), bytes((0, 9, 9, 9))

    assert PNG.clean(pictures.png(1, 1, 8, 2, rows, turned, turned)) == pictures.png(1, 1, 8, 2, rows, turned)
