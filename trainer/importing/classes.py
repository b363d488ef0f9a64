"""The classes of a dataset, and whether there is enough of each."""

from __future__ import annotations

from collections.abc import Sequence

from shared.datasets.manifest import SideCounts
from shared.errors import EmptyClass, OneClass, TooFewPictures
from trainer.datasets.sides import LEAST_TEST, LEAST_TRAIN
from trainer.datasets.source import Source
from trainer.datasets.version import TEST
from trainer.importing.collect import Collection


def class_names(source: Source, met: set[str]) -> list[str]:
    """Returns all classes: those the source names in its order, and others as their names sort, numbers by number."""
    first = list(source.classes) if source.ordered else []
    rest = sorted((met | set(source.classes)) - set(first), key=_natural)
    return [*first, *rest]


def counts(classes: Sequence[str], labels: Sequence[str], sides: Sequence[int]) -> dict[str, SideCounts]:
    """Returns how many pictures of each class lie on each side."""
    tests = dict.fromkeys(classes, 0)
    totals = dict(tests)
    for label, side in zip(labels, sides, strict=True):
        totals[label] += 1
        tests[label] += side == TEST
    return {name: SideCounts(train=totals[name] - tests[name], test=tests[name]) for name in classes}


def check(found: dict[str, SideCounts], collection: Collection) -> None:
    """Refuses what nothing can be learned from.

    Raises:
        OneClass, EmptyClass, TooFewPictures: saying which class, and what was refused.
    """
    reasons = _reasons(collection)
    if not any(sides.total for sides in found.values()):
        raise TooFewPictures(f"There is no picture that can be used.{reasons}")
    if len(found) == 1:
        raise OneClass(
            f"All pictures are of the class {next(iter(found))!r}. At least two classes are expected.{reasons}"
        )
    for name, sides in found.items():
        if not sides.total:
            raise EmptyClass(f"The class {name!r} has no picture that can be used. Add some, or remove it.{reasons}")
    for name, sides in found.items():
        if sides.train < LEAST_TRAIN or sides.test < LEAST_TEST:
            raise TooFewPictures(
                f"The class {name!r} has {sides.train} pictures to train on and {sides.test} to test on; at least "
                f"{LEAST_TRAIN} and {LEAST_TEST} are expected. {_advice(sides)}{reasons}"
            )


def _advice(sides: SideCounts) -> str:
    if sides.total < LEAST_TRAIN + LEAST_TEST:
        return "Add pictures."
    if sides.train and sides.test:
        return "Add pictures, or change test_fraction."
    return "Where the split is given, both sides name their classes alike; else add pictures, or change test_fraction."


def _reasons(collection: Collection) -> str:
    if not collection.failed:
        return ""
    codes = ", ".join(f"{count} {code}" for code, count in collection.refused_codes.most_common())
    first = collection.refused[0]
    return f" {collection.failed} were refused ({codes}), the first was {first.file}: {first.message}"


def _natural(name: str) -> tuple[int, int, str]:
    number = name.isascii() and name.isdigit()
    return (0, int(name), name) if number and len(name) < 19 else (1, 0, name)
