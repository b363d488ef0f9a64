"""Which side each picture lies on: where an earlier version has it, else where it was given, else by its hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.datasets import DatasetStore
from shared.storage import Storage
from trainer.datasets.sides import hash_order, share
from trainer.datasets.version import TEST, TRAIN, open_version
from trainer.importing.picture import Picture


@dataclass(frozen=True)
class Assigned:
    """The sides of pictures in their order, 0 training and 1 test.

    Attributes:
        kept: how many stay on a side that is not the one they were given on.
    """

    sides: list[int]
    kept: int


def earlier_sides(
    storage: Storage, name: str, contents: set[bytes], fetching: Callable[[], None] = lambda: None
) -> dict[bytes, int]:
    """Returns the sides on which earlier versions have these contents.

    Args:
        fetching: called before each version's index is read.
    """
    known: dict[bytes, int] = {}
    for manifest in DatasetStore(storage).versions(name):
        version = open_version(storage, name, manifest.version, fetching=fetching)
        for content, side in zip(version.sha256, version.split, strict=True):
            if (digest := content.tobytes()) in contents:
                known.setdefault(digest, int(side))
    return known


def assign(
    pictures: Sequence[Picture], earlier: Mapping[bytes, int], *, name: str, seed: int, test_fraction: float
) -> Assigned:
    """Returns every picture's side.

    Of the pictures of a class that were given on no side the first `round(n * test_fraction)`, at least one, in the
    order of a hash of dataset name, seed and content are tested on. Pictures that earlier versions have keep their
    sides and count towards that number.
    """
    sides = [earlier.get(picture.sha256, picture.side) for picture in pictures]
    kept = sum(given.side is not None and side != given.side for given, side in zip(pictures, sides, strict=True))
    by_class: dict[str, list[int]] = {}
    for place, picture in enumerate(pictures):
        if picture.side is None:
            by_class.setdefault(picture.label, []).append(place)
    for places in by_class.values():
        wanted = share(len(places), test_fraction) - sum(sides[place] == TEST for place in places)
        free = [place for place in places if sides[place] is None]
        order = hash_order(name, seed, [pictures[place].sha256 for place in free])
        for rank, position in enumerate(order):
            sides[free[position]] = TEST if rank < wanted else TRAIN
    return Assigned([TRAIN if side is None else side for side in sides], kept)
