from __future__ import annotations

import numpy as np

from shared.imaging.alpha import decode_on_white
from tests.support import pictures


def _decode(data: bytes) -> pictures.Pixels:
    image = decode_on_white(np.frombuffer(data, np.uint8))
    assert image is not None
    return image


def test_half_transparent_black_is_grey_on_white() -> None:
    pixels = np.zeros((200, 3, 4), np.uint8)
    pixels[:, :, 3] = 128

    assert np.all(_decode(pictures.encode(".png", pixels)) == 127)


def test_sixteen_bit_alpha_is_blended_too() -> None:
    pixels = np.zeros((2, 2, 4), np.uint16)
    pixels[:, :, 0], pixels[:, :, 3] = 65_535, 32_768

    assert _decode(pictures.encode(".png", pixels)).tolist() == [[[255, 127, 127]] * 2] * 2


def test_a_grey_picture_without_alpha_keeps_its_values() -> None:
    grey = pictures.photo()[:, :, 0]

    assert np.array_equal(_decode(pictures.encode(".png", grey))[:, :, 1], grey)


def test_what_cannot_be_read_is_none() -> None:
    assert decode_on_white(np.frombuffer(b"garbage", np.uint8)) is None
