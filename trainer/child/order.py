"""Which pictures an epoch shows, and in which order: by (seed, epoch) alone, so any epoch can be made again alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.recipes import Balance
from trainer.child.balance import shown_per_class


class Order:
    """The order of the training side.

    A pass shows every picture once, or with a balance so many of each class. An epoch is one pass, or where steps are
    asked for as many passes as they need.

    Args:
        targets: the classes of all pictures, int64 (n,).
        train: places of those to train on, int64, rising.
        size: pictures in a batch; never more than a pass has.
        steps: batches in an epoch, 0 for one pass.
    """

    def __init__(
        self,
        targets: NDArray[np.int64],
        train: NDArray[np.int64],
        *,
        balance: Balance,
        size: int,
        steps: int,
        seed: int,
    ) -> None:
        self._total = len(targets)
        self._classes = [train[targets[train] == label] for label in np.unique(targets[train])]
        self._shown = shown_per_class(np.array([len(places) for places in self._classes]), balance)
        self._pass = int(self._shown.sum())
        self._size = min(size, self._pass)
        self._steps = steps
        self._seed = seed

    def __len__(self) -> int:
        """Returns how many batches an epoch has."""
        return self._steps or -(-self._pass // self._size)

    def epoch(self, number: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Returns for each batch the places of its pictures, and numbers that tell them apart within the epoch.

        A picture's number is its place; that of its second copy follows after all places, and so on.
        """
        wanted = self._steps * self._size or self._pass
        passes = [self._one_pass(number, turn) for turn in range(-(-wanted // self._pass))]
        places = np.concatenate(passes)[:wanted]
        numbers = places + self._total * _copies(places)
        starts = range(0, wanted, self._size)
        return [(places[at : at + self._size], numbers[at : at + self._size]) for at in starts]

    def _one_pass(self, epoch: int, turn: int) -> NDArray[np.int64]:
        chance = np.random.default_rng((self._seed, epoch, turn))
        chosen = [
            np.concatenate([chance.permutation(places) for _ in range(-(-int(count) // len(places)))])[:count]
            for places, count in zip(self._classes, self._shown, strict=True)
        ]
        return chance.permutation(np.concatenate(chosen))


def _copies(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns for each entry how many equal ones come before it."""
    order = np.argsort(places, kind="stable")
    grouped = places[order]
    first = np.flatnonzero(np.r_[True, grouped[1:] != grouped[:-1]])
    starts = np.repeat(first, np.diff(np.r_[first, len(grouped)]))
    copies = np.empty_like(places)
    copies[order] = np.arange(len(places)) - starts
    return copies
