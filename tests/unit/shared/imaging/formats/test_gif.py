from __future__ import annotations

import struct

import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from tests.support import pictures

LIMIT = 50_000_000


def _gif(coded: bytes, frame: tuple[int, int, int, int] = (0, 0, 8, 8), least_bits: int = 2) -> bytes:
    """Returns a GIF of 8 x 8 pixels with four colours, around entropy-coded bytes."""
    blocks = b"".join(bytes((len(coded[at : at + 255]),)) + coded[at : at + 255] for at in range(0, len(coded), 255))
    screen = struct.pack("<HHBBB", 8, 8, 0x81, 0, 0) + bytes(12)
    return b"GIF89a" + screen + b"," + struct.pack("<4HB", *frame, 0) + bytes((least_bits,)) + blocks + b"\x00;"


def test_a_frame_that_does_not_fit_on_the_canvas_is_refused() -> None:
    with pytest.raises(NotAnImage, match="its first frame, 8 x 8 pixels at 1, 0, does not fit in 8 x 8"):
        inspect(_gif(b"\x00", (1, 0, 8, 8)), max_pixels=LIMIT)


def test_codes_that_do_nothing_but_start_anew_are_refused() -> None:
    # Code 4 of three bits, over and over: "start anew". A megabyte of it would keep OpenCV busy for half a minute.
    clears = int("100" * 8, 2).to_bytes(3, "big")

    with pytest.raises(NotAnImage, match="starts its code table anew more than 5,000 times"):
        inspect(_gif(clears * 10_000), max_pixels=LIMIT)


def test_a_gif_without_its_end_mark_is_read() -> None:
    whole = pictures.every_kind()["gif"]

    assert decode(whole[:-1], max_pixels=LIMIT).shape == (32, 48, 3)


def test_damage_behind_the_first_frame_does_not_matter() -> None:
    whole = pictures.every_kind()["gif-animated"]
    expected = decode(whole, max_pixels=LIMIT)

    assert (decode(whole[: len(whole) * 3 // 4], max_pixels=LIMIT) == expected).all()


def test_a_background_outside_of_the_palette_does_not_matter() -> None:
    # Two pixels of colour 0 after each "start anew", all in codes of three bits, and an end code.
    codes = [4, 0, 0] * 32 + [5]
    coded = sum(code << (3 * index) for index, code in enumerate(codes)).to_bytes(37, "little")
    data = bytearray(_gif(coded))
    data[11] = 255

    assert not decode(bytes(data), max_pixels=LIMIT).any()


def test_a_gif_without_a_frame_is_refused() -> None:
    with pytest.raises(NotAnImage, match="no frame that can be read"):
        inspect(b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + b";", max_pixels=LIMIT)


@pytest.mark.parametrize("bits", [0, 1, 12, 255])
def test_an_impossible_code_size_is_refused(bits: int) -> None:
    with pytest.raises(NotAnImage, match=f"its codes begin with {bits} bits"):
        inspect(_gif(b"\x00", least_bits=bits), max_pixels=LIMIT)


def test_a_gif_of_nothing_but_comments_is_refused_soon() -> None:
    # Each of them is short, together they were nine million blocks and two seconds.
    comment = b"!\xfe" + b"\x01 " * 99 + b"\x00"

    with pytest.raises(NotAnImage, match="more than 100,000 parts"):
        inspect(b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + comment * 2_000, max_pixels=LIMIT)
