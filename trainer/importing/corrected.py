"""Puts in force what people said of single pictures: another class, or to be left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.datasets.corrections import Correction
from shared.datasets.report import MOST_LISTED, Corrected
from trainer.importing.picture import Picture


@dataclass(frozen=True)
class Applied:
    """The pictures as they are now.

    Attributes:
        corrected: what was done to which of them.
        unknown: how many corrections name a class that the source does not have any more; they change nothing.
    """

    pictures: list[Picture]
    corrected: list[Corrected]
    unknown: int

    @property
    def relabelled(self) -> int:
        """How many have another class than the source says."""
        return sum(one.label is not None for one in self.corrected)

    @property
    def listed(self) -> list[Corrected]:
        """The first of them, for the report."""
        return self.corrected[:MOST_LISTED]


def apply(pictures: Sequence[Picture], corrections: Iterable[Correction], classes: Sequence[str]) -> Applied:
    """Returns the pictures with their corrections; those of pictures that did not come change nothing."""
    known = {bytes.fromhex(one.sha256): one for one in corrections}
    found: list[Picture] = []
    corrected: list[Corrected] = []
    unknown = 0
    for picture in pictures:
        one = known.get(picture.sha256)
        if one is None or one.label == picture.label:
            found.append(picture)
        elif one.label is not None and one.label not in classes:
            found.append(picture)
            unknown += 1
        else:
            line = Corrected(sha256=picture.sha256.hex(), file=picture.file, was=picture.label, label=one.label)
            corrected.append(line)
            if one.label is not None:
                found.append(replace(picture, label=one.label))
    return Applied(found, corrected, unknown)
