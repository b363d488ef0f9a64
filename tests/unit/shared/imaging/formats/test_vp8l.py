from __future__ import annotations

import struct
import time

import cv2
import numpy as np
import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from shared.imaging.formats.vp8l import check_squares
from tests.support import pictures
from tests.support.lossless import Bits

LIMIT = 50_000_000
SIDE = 1_024


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(struct.pack("<4sI", kind, len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WEBP") + body


def _extended(flags: int) -> tuple[bytes, bytes]:
    return b"VP8X", bytes((flags, 0, 0, 0)) + 2 * (SIDE - 1).to_bytes(3, "little")


def _own_codes(bits: Bits, log_side: int = 2) -> bytes:
    """Adds the end of the transforms, no colour cache, and codes of their own for squares of 4 pixels or more."""
    return bits.put(0b100, 3).put(log_side - 2, 3).done()


def _lossy() -> tuple[bytes, bytes]:
    data = pictures.encode(".webp", np.zeros((SIDE, SIDE, 3), np.uint8), cv2.IMWRITE_WEBP_QUALITY, 1)
    return b"VP8 ", data[20:]


def _lossless() -> bytes:
    return _riff((b"VP8L", _own_codes(Bits().header(SIDE, SIDE))))


def _alpha() -> bytes:
    return _riff(_extended(0x10), (b"ALPH", b"\x01" + _own_codes(Bits())), _lossy())


def _animated() -> bytes:
    place = bytes(6) + 2 * (SIDE - 1).to_bytes(3, "little") + bytes(4)
    return _riff(_extended(0x02), (b"ANIM", bytes(6)), (b"ANMF", place + _lossless()[12:]))


@pytest.mark.parametrize("make", [_lossless, _alpha, _animated])
def test_codes_for_more_squares_than_good_pictures_have_are_refused(make: object) -> None:
    # With 65,536 squares, libwebp took 360 MB for 300 KB, and 530 MB and a second for 6 MB.
    with pytest.raises(NotAnImage, match="codes for 65,536 squares, at most 8,000 are read"):
        inspect(make(), max_pixels=LIMIT)  # type: ignore[operator]


@pytest.mark.parametrize("transform", ["predictor", "colour", "palette"])
def test_the_codes_behind_a_transform_are_found(transform: str) -> None:
    bits = Bits().put(1, 1)
    if transform == "palette":
        # Of 200 colours, so that a pixel stays a byte.
        bits.put(3, 2).put(199, 8).put(0, 1).one_symbol_each()
    else:
        bits.put(0 if transform == "predictor" else 1, 2).put(3, 3).put(0, 1)
        # 32 x 32 pixels in codes of 8 bits, as different as can be.
        bits.all_symbols(280).all_symbols(256).all_symbols(256).all_symbols(256).one_symbol(0)
        for pixel in range(32 * 32):
            bits.put(pixel * 40_503 % 2**32, 32)

    with pytest.raises(NotAnImage, match="codes for 65,536 squares"):
        check_squares(_own_codes(bits), SIDE, SIDE)


def test_a_few_colours_put_several_pixels_into_one() -> None:
    bits = Bits().put(1, 1).put(3, 2).put(1, 8).put(0, 1).one_symbol_each()

    with pytest.raises(NotAnImage, match="codes for 8,192 squares"):
        check_squares(_own_codes(bits), SIDE, SIDE)


def test_the_finest_transforms_that_are_read_take_no_half_second() -> None:
    bits = Bits()
    for kind in (0, 1):
        bits.put(1, 1).put(kind, 2).put(0, 3).put(0, 1)
        bits.all_symbols(280).all_symbols(256).all_symbols(256).all_symbols(256).one_symbol(0)
        bits.put(0, 380 * 380 * 32)
    data = _own_codes(bits, 9)

    started = time.thread_time()
    check_squares(data, 4 * 380, 4 * 380)

    assert time.thread_time() - started < 0.5


def test_a_transform_finer_than_that_is_refused() -> None:
    with pytest.raises(NotAnImage, match=r"a transform of 160,000 pixels, at most 150,000 are read"):
        check_squares(Bits().put(1, 1).put(0, 2).put(0, 3).done(), 1_600, 1_600)


def test_a_picture_that_ends_within_its_transforms_is_broken() -> None:
    bits = Bits().put(1, 1).put(0, 2).put(0, 3).put(0, 1)
    bits.all_symbols(280).all_symbols(256).all_symbols(256).all_symbols(256).one_symbol(0)

    with pytest.raises(IndexError):
        check_squares(bits.done(), SIDE, SIDE)
    with pytest.raises(IndexError):
        check_squares(b"\xff", SIDE, SIDE)


def test_codes_that_are_none_are_refused() -> None:
    # Of the lengths of codes two symbols have three bits: two codes of eight.
    bits = Bits().put(1, 1).put(0, 2).put(0, 3).put(0, 1).put(0, 1).put(0, 4).put(0o33, 12)

    with pytest.raises(NotAnImage, match="the codes of its lossless picture are no codes"):
        check_squares(bits.done(), SIDE, SIDE)


@pytest.mark.parametrize("colors", [1, 2, 3, 16, 17, 256, None])
@pytest.mark.parametrize("noise", [0, 3])
@pytest.mark.parametrize("alpha", [False, True])
def test_good_pictures_are_read(colors: int | None, noise: int, alpha: bool) -> None:
    pixels = pictures.photo(200, 160).astype(np.float32)
    pixels += np.random.default_rng(1).normal(0, noise, pixels.shape)
    whole = np.clip(pixels, 0, 255).astype(np.uint8)
    if colors:
        step = 256 // colors
        whole[:] = whole[:, :, :1].astype(int) // step * step
    data = pictures.encode(".webp", pictures.with_alpha(whole) if alpha else whole)

    expected = np.where((np.arange(160) < 80)[:, None, None], whole, 255) if alpha else whole
    assert (decode(data, max_pixels=LIMIT) == expected).all()
