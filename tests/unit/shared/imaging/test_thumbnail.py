from __future__ import annotations

import numpy as np
import pytest

from shared.imaging import decode, inspect, least_side, thumbnail
from tests.support import pictures


@pytest.mark.parametrize(
    ("width", "height", "small"), [(960, 600, (480, 300)), (600, 960, (300, 480)), (5_000, 2, (480, 1))]
)
def test_the_longest_side_of_a_thumbnail_is_480(width: int, height: int, small: tuple[int, int]) -> None:
    header = inspect(thumbnail(pictures.photo(width, height)), max_pixels=10**6)

    assert (header.format, header.width, header.height) == ("WebP", *small)


def test_a_small_picture_keeps_its_size_and_colours() -> None:
    image = decode(thumbnail(pictures.quarters()), max_pixels=10**6)

    assert image.shape == (32, 48, 3)
    assert np.abs(image[4:12, 4:16].astype(int) - (255, 0, 0)).max() < 40


def test_another_side_can_be_asked_for() -> None:
    assert inspect(thumbnail(pictures.photo(), max_side=24), max_pixels=10**6).width == 24


def test_a_thumbnail_can_be_a_jpeg() -> None:
    header = inspect(thumbnail(pictures.photo(), kind="JPEG"), max_pixels=10**6)

    assert (header.format, header.width, header.height) == ("JPEG", 48, 32)


@pytest.mark.parametrize(("width", "height"), [(500, 375), (375, 500), (479, 100), (1500, 2000), (20, 30)])
def test_a_jpeg_is_halved_to_no_less_than_half_of_the_side(width: int, height: int) -> None:
    data = pictures.encode(".jpg", pictures.photo(width, height))
    header = inspect(data, max_pixels=10**8)
    image = decode(data, max_pixels=10**8, min_side=least_side(header, 480), header=header)

    assert max(image.shape) >= min(240, max(width, height))
    if max(width, height) >= 240:
        assert max(image.shape) <= 480
