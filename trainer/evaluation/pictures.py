"""What an evaluation needs of a dataset version: classes, sides, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shared.imaging import decode, to_input
from shared.preprocess_spec import PreprocessSpec

# Pictures at these places, int64 (n,), as a model's inputs: uint8 (n, height, width, channels), not yet scaled.
InputsAt = Callable[[NDArray[np.int64]], NDArray[np.uint8]]

# The import judged the pictures by LOUPE_MAX_IMAGE_PIXELS; here they are as they were taken then.
NO_LIMIT = 2**31


class Sides(Protocol):
    """Places of the pictures on each side, int64, rising."""

    @property
    def train(self) -> NDArray[np.int64]:
        """Trained on."""
        ...

    @property
    def validation(self) -> NDArray[np.int64]:
        """Used to choose the weights."""
        ...

    @property
    def test(self) -> NDArray[np.int64]:
        """Neither."""
        ...


@dataclass(frozen=True)
class LabelledPictures:
    """A dataset version, its pictures brought to one model's input.

    Attributes:
        labels: class names in the order of the model's outputs.
        targets: each picture's class as a place in `labels`, int64 (n,).
        inputs_at: in that model's input; an array's or memory map's `__getitem__` will do.
        picture: the file of the picture at a place.
    """

    labels: Sequence[str]
    targets: NDArray[np.int64]
    sides: Sides
    inputs_at: InputsAt
    picture: Callable[[int], bytes]

    def read(self, place: int, min_side: int | None = None) -> NDArray[np.uint8]:
        """Returns a picture, uint8 RGB (height, width, 3), its short side perhaps reduced, to `min_side` or more."""
        return decode(self.picture(place), max_pixels=NO_LIMIT, min_side=min_side)

    def inputs_as(self, to: PreprocessSpec) -> InputsAt:
        """Returns the same pictures in another model's input, decoded as they are asked for."""
        return decoded(self.picture, to)


def announced(picture: Callable[[int], bytes], announce: Callable[[], None]) -> Callable[[int], bytes]:
    """Returns the same, with a word before each picture: one of many pixels takes a second or more to decode."""

    def announced_picture(place: int) -> bytes:
        announce()
        return picture(place)

    return announced_picture


def decoded(picture: Callable[[int], bytes], to: PreprocessSpec) -> InputsAt:
    """Returns the inputs of pictures, decoded as they are asked for."""

    def inputs_at(places: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.stack([model_input(picture(int(place)), to) for place in places])

    return inputs_at


def model_input(data: bytes, to: PreprocessSpec) -> NDArray[np.uint8]:
    """Returns a picture of a dataset as a model's input, uint8 (height, width, channels), not yet scaled."""
    return to_input(decode(data, max_pixels=NO_LIMIT, min_side=max(to.width, to.height)), to)
