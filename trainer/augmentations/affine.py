"""Turns, slants, zooms, shifts and flips a picture in one step, so that it is resampled once. Its edge is drawn out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from trainer.augmentations.augmentation import Change, augmentations


@augmentations.register("affine")
def affine(
    *,
    rotation: float = 0.0,
    shear: float = 0.0,
    zoom: float = 0.0,
    shift: float = 0.0,
    flip: bool = False,
    quarter_turn: bool = False,
    keep_shape: bool = False,
    untouched: float = 0.0,
) -> Change:
    """Returns the change.

    Args:
        rotation: turned by at most so many degrees, either way.
        shear: slanted by at most this angle in radians, either way.
        zoom: made larger or smaller by at most this share.
        shift: moved by at most this share of the side, either way; by whole pixels where nothing else is asked for
            that mixes them.
        flip: whether left and right are swapped in one picture of two.
        quarter_turn: whether it is turned by 0, 90, 180 or 270 degrees as well; square pictures only.
        keep_shape: whether width and height are zoomed alike, and not each by its own factor.
        untouched: share of the pictures that are flipped and turned by quarters at most.
    """
    # A small picture loses as much detail by half a pixel of shift as by all that it was to learn from it.
    sharp = rotation == shear == zoom == 0

    def change(pictures: NDArray[np.uint8], chance: NDArray[np.float64]) -> NDArray[np.uint8]:
        count, height, width, _ = pictures.shape
        if quarter_turn and height != width:
            raise ValueError(f"quarter_turn: expected square pictures, received {width} x {height}")
        if sharp and not shift and not flip and not quarter_turn:
            return pictures
        bent = np.where(chance[:, 0] < untouched, 0.0, 1.0)
        wide, high = _zooms(chance, bent * zoom, keep_shape=keep_shape)
        turn = np.deg2rad(rotation) * bent * _either_way(chance[:, 3])
        if quarter_turn:
            turn = turn + np.floor(chance[:, 4] * 4) * (np.pi / 2)
        mirror = np.where(chance[:, 5] < 0.5, -1.0, 1.0) if flip else np.ones(count)
        slant = shear * bent * _either_way(chance[:, 6])
        linear = _turned(turn) @ _slanted(slant) @ _scaled(wide * mirror, high)
        moved = shift * bent[:, None] * _either_way(chance[:, 7:9]) * np.array([width, height])
        if sharp:
            moved = np.rint(moved)
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        # The middle stays where it is but for the shift.
        offsets = middle + moved - linear @ middle
        moves = np.concatenate([linear, offsets[:, :, None]], axis=2)
        # Without anything but flips, quarter turns and whole shifts no pixel falls between two, and none is mixed.
        return _warped(pictures, moves, cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR)

    return change


def _warped(pictures: NDArray[np.uint8], moves: NDArray[np.float64], how: int) -> NDArray[np.uint8]:
    height, width = pictures.shape[1:3]
    results = np.empty_like(pictures)
    for picture, move, result in zip(pictures, moves, results, strict=True):
        cv2.warpAffine(picture, move, (width, height), dst=result, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return results


def _zooms(
    chance: NDArray[np.float64], most: NDArray[np.float64], *, keep_shape: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the factors of width and height."""
    wide = 1 + most * _either_way(chance[:, 1])
    return wide, wide if keep_shape else 1 + most * _either_way(chance[:, 2])


def _either_way(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    return chance * 2 - 1


def _turned(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns matrices (n, 2, 2)."""
    cosine, sine = np.cos(angles), np.sin(angles)
    return np.stack([np.stack([cosine, -sine], axis=1), np.stack([sine, cosine], axis=1)], axis=1)


def _slanted(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns matrices (n, 2, 2) of the shear that Keras's ImageDataGenerator means."""
    ones, zeros = np.ones_like(angles), np.zeros_like(angles)
    upper, lower = np.stack([ones, -np.sin(angles)], axis=1), np.stack([zeros, np.cos(angles)], axis=1)
    return np.stack([upper, lower], axis=1)


def _scaled(wide: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns matrices (n, 2, 2)."""
    zeros = np.zeros_like(wide)
    return np.stack([np.stack([wide, zeros], axis=1), np.stack([zeros, high], axis=1)], axis=1)
