from __future__ import annotations

import numpy as np
import pytest

from shared.imaging import decode, inspect, thumbnail
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
