from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from shared.imaging import scale, to_input
from shared.preprocess_spec import PreprocessSpec
from tests.support import pictures


def _spec(**changes: Any) -> PreprocessSpec:
    return PreprocessSpec(**{"width": 24, "height": 16, "color": "rgb", **changes})


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("interpolation", ["area", "linear", "nearest"])
@pytest.mark.parametrize(("color", "channels"), [("rgb", 3), ("grey", 1)])
@pytest.mark.parametrize("size", [(48, 32), (7, 90), (90, 7), (1, 1), (24, 16)])
def test_every_spec_gives_its_shape(
    resize: str, interpolation: str, color: str, channels: int, size: tuple[int, int]
) -> None:
    spec = _spec(resize=resize, interpolation=interpolation, color=color)

    pixels = to_input(pictures.photo(*size), spec)

    assert pixels.shape == (16, 24, channels)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous


def test_stretch_shows_all_of_the_picture() -> None:
    pixels = to_input(pictures.quarters(64, 64), _spec())

    assert pixels[0, 0].tolist() == [255, 0, 0]
    assert pixels[-1, -1].tolist() == [255, 255, 0]


def test_crop_cuts_the_middle_out_and_keeps_the_shape() -> None:
    image = np.zeros((10, 30, 3), np.uint8)
    image[:, 10:20] = 200

    pixels = to_input(image, _spec(width=10, height=10, resize="crop"))

    assert np.all(pixels == 200)


def test_pad_keeps_all_of_the_picture_and_adds_black() -> None:
    image = np.full((10, 30, 3), 200, np.uint8)

    pixels = to_input(image, _spec(width=30, height=30, resize="pad"))

    assert np.all(pixels[10:20] == 200)
    assert not pixels[:10].any()
    assert not pixels[20:].any()


def test_grey_weighs_colours_as_eyes_do() -> None:
    image = np.zeros((1, 3, 3), np.uint8)
    image[0, 0, 0] = image[0, 1, 1] = image[0, 2, 2] = 255

    pixels = to_input(image, _spec(width=3, height=1, color="grey"))

    # ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue.
    assert pixels.ravel().tolist() == [76, 150, 29]


def test_area_averages_where_nearest_picks() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    image[0] = 100

    assert to_input(image, _spec(width=1, height=1)).ravel().tolist() == [50] * 3
    assert to_input(image, _spec(width=1, height=1, interpolation="nearest")).ravel().tolist() == [100] * 3


def test_a_picture_of_the_right_size_is_not_changed() -> None:
    image = pictures.photo(24, 16)

    assert np.array_equal(to_input(image, _spec()), image)


@pytest.mark.parametrize(("name", "low", "high"), [("0..1", 0.0, 1.0), ("-1..1", -1.0, 1.0), ("0..255", 0.0, 255.0)])
def test_scale_maps_0_and_255_to_the_ends_of_its_range(
    name: Literal["0..1", "-1..1", "0..255"], low: float, high: float
) -> None:
    values = scale(np.array([[0, 255]], np.uint8), _spec(scale=name))

    assert values.dtype == np.float32
    assert values.tolist() == [[low, high]]


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3))],
    ids=["grey", "alpha", "empty", "float"],
)
def test_other_shapes_and_types_are_refused(image: Any) -> None:
    with pytest.raises(ValueError, match=r"Expected pixels of shape \(height, width, 3\), uint8, received"):
        to_input(image, _spec())
