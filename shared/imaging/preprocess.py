"""One implementation of preprocessing, used by import, training, evaluation and serving alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from shared.preprocess_spec import PreprocessSpec

_INTERPOLATIONS = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR, "nearest": cv2.INTER_NEAREST}


def to_input(image: NDArray[np.uint8], spec: PreprocessSpec) -> NDArray[np.uint8]:
    """Makes a model's input of a picture, still in whole numbers.

    Args:
        image: pixels of shape (height, width, 3), uint8, RGB.
        spec: size, colour, resize mode and interpolation.

    Returns:
        Pixels of shape (spec.height, spec.width, spec.channels), uint8.

    Raises:
        ValueError: the picture is not (height, width, 3) of uint8.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"Expected pixels of shape (height, width, 3), uint8, received {image.shape}, {image.dtype}.")
    resized = _RESIZE[spec.resize](image, spec)
    if spec.color == "grey":
        resized = np.asarray(cv2.cvtColor(resized, cv2.COLOR_RGB2GRAY), np.uint8)
    return np.ascontiguousarray(resized.reshape(spec.height, spec.width, spec.channels))


def scale(batch: NDArray[np.uint8], spec: PreprocessSpec) -> NDArray[np.float32]:
    """Maps 0 to 255 to the range that the model was trained on.

    Args:
        batch: inputs of any shape, uint8.
        spec: its `scale`.

    Returns:
        The same shape as float32.
    """
    values = batch.astype(np.float32)
    if spec.scale == "0..1":
        values /= 255
    elif spec.scale == "-1..1":
        values /= 127.5
        values -= 1
    return values


def _sized(image: NDArray[np.uint8], width: int, height: int, spec: PreprocessSpec) -> NDArray[np.uint8]:
    if image.shape[:2] == (height, width):
        return image
    how = _INTERPOLATIONS[spec.interpolation]
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), np.uint8)


def _stretch(image: NDArray[np.uint8], spec: PreprocessSpec) -> NDArray[np.uint8]:
    return _sized(image, spec.width, spec.height, spec)


def _crop(image: NDArray[np.uint8], spec: PreprocessSpec) -> NDArray[np.uint8]:
    """Cuts the largest part of the input's shape out of the middle, then resizes it."""
    height, width = image.shape[:2]
    factor = min(width / spec.width, height / spec.height)
    part_width = min(width, max(1, round(spec.width * factor)))
    part_height = min(height, max(1, round(spec.height * factor)))
    left, top = (width - part_width) // 2, (height - part_height) // 2
    part = image[top : top + part_height, left : left + part_width]
    return _sized(part, spec.width, spec.height, spec)


def _pad(image: NDArray[np.uint8], spec: PreprocessSpec) -> NDArray[np.uint8]:
    """Resizes the whole picture to fit and puts it in the middle of black."""
    height, width = image.shape[:2]
    factor = min(spec.width / width, spec.height / height)
    fit_width = min(spec.width, max(1, round(width * factor)))
    fit_height = min(spec.height, max(1, round(height * factor)))
    left, top = (spec.width - fit_width) // 2, (spec.height - fit_height) // 2
    padded = np.zeros((spec.height, spec.width, 3), np.uint8)
    padded[top : top + fit_height, left : left + fit_width] = _sized(image, fit_width, fit_height, spec)
    return padded


_RESIZE = {"stretch": _stretch, "crop": _crop, "pad": _pad}
