"""What an augmentation is: a change to training pictures that leaves their class as it is.

Its chance is numbers made of (seed, epoch, picture) alone (`trainer.augmentations.chance`), so a resumed training sees
the same pictures.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.catalog import Catalog
from shared.recipes import Step
from trainer.augmentations.chance import uniform

# Takes inputs, uint8 (n, height, width, channels), which it may change, and for each of them `DRAWS` numbers from 0 to
# 1, float64 (n, DRAWS). Returns pictures of the same shape and type.
Change = Callable[[NDArray[np.uint8], NDArray[np.float64]], NDArray[np.uint8]]

# Registered is a function that makes a change of its options, which come by name from the recipe and its parameters.
augmentations: Catalog[Callable[..., Change]] = Catalog("augmentation", "trainer.augmentations")


class Augment:
    """All changes of a recipe, in order.

    Args:
        settings: the recipe's parameters; a change gets those that it has options for.
    """

    def __init__(self, steps: Sequence[Step], settings: Mapping[str, Any], seed: int) -> None:
        self._changes = [_made(step, settings) for step in steps]
        self._seed = seed

    def __call__(self, pictures: NDArray[np.uint8], epoch: int, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Returns the pictures changed; those given may be overwritten.

        Args:
            places: what tells the pictures of an epoch apart, int64 (n,).
        """
        for number, change in enumerate(self._changes):
            pictures = change(pictures, uniform(self._seed, epoch, number, places))
        return pictures


def _made(step: Step, settings: Mapping[str, Any]) -> Change:
    make = augmentations.get(step.name)
    wanted = {name: settings[name] for name in inspect.signature(make).parameters if name in settings}
    return make(**wanted, **step.options)
