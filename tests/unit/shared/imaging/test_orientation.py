from __future__ import annotations

import struct

import numpy as np
import pytest

from shared.imaging.orientation import orientation, turn
from tests.support import pictures


@pytest.mark.parametrize("value", range(1, 9))
def test_the_orientation_is_read_from_exif(value: int) -> None:
    assert orientation(pictures.exif(value)) == value


def test_the_orientation_is_read_in_the_other_byte_order() -> None:
    assert orientation(struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0)) == 6


@pytest.mark.parametrize("exif", [b"", b"garbage", pictures.exif(6)[:12], pictures.exif(6)[:18]])
def test_broken_exif_means_upright(exif: bytes) -> None:
    assert orientation(exif) == 1


def test_another_tag_means_upright() -> None:
    assert orientation(struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x010F, 3, 1, 6, 0, 0)) == 1


@pytest.mark.parametrize("how", [0, 1, 9, 65_535])
def test_unknown_orientations_leave_a_picture_as_it_is(how: int) -> None:
    image = pictures.quarters()

    assert np.array_equal(turn(image, how), image)


def test_orientation_six_turns_a_picture_clockwise() -> None:
    image = pictures.quarters()

    assert np.array_equal(turn(image, 6), np.rot90(image, -1))
