"""Gathers examined pictures: each content once, what conflicts or cannot be used listed with its reason."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from shared.datasets.report import MOST_LISTED, Refused
from shared.errors import LabelConflict
from trainer.datasets.source import refused
from trainer.datasets.version import TEST
from trainer.importing.picture import Picture

T = TypeVar("T")


class Collection:
    """What a source had.

    Attributes:
        refused, duplicates, crossed: the first of each, for the report; the counts are whole.
    """

    def __init__(self) -> None:
        self._pictures: dict[bytes, Picture] = {}
        self._copies: dict[bytes, list[tuple[str, str]]] = {}
        self.refused: list[Refused] = []
        self.refused_codes: Counter[str] = Counter()
        self.duplicates: list[str] = []
        self.duplicate_count = 0
        self.crossed: list[str] = []
        self.crossed_count = 0

    @property
    def failed(self) -> int:
        """How many were refused."""
        return self.refused_codes.total()

    def add(self, found: Picture | Refused) -> None:
        """Takes one picture of the source."""
        if isinstance(found, Refused):
            self._refuse(found)
            return
        known = self._pictures.setdefault(found.sha256, found)
        if known is found:
            return
        if known.label != found.label or found.sha256 in self._copies:
            copies = self._copies.setdefault(found.sha256, [(known.file, known.label)])
            copies.append((found.file, found.label))
        else:
            self._repeat(known, found)

    def settle(self) -> list[Picture]:
        """Returns the pictures, those that came under two labels left out and listed."""
        for content, copies in self._copies.items():
            where = ", ".join(f"{file} ({label})" for file, label in copies[:5])
            for file, _ in copies:
                self._refuse(refused(file, LabelConflict(f"The same bytes come under several labels: {where}.")))
            del self._pictures[content]
        self._copies.clear()
        return list(self._pictures.values())

    def _repeat(self, known: Picture, copy: Picture) -> None:
        self.duplicate_count += 1
        _list(self.duplicates, copy.file)
        if known.side is None:
            known.side = copy.side
        elif copy.side not in (None, known.side):
            # It is tested on: whatever was trained on it would know the answer.
            self.crossed_count += 1
            _list(self.crossed, copy.file)
            known.side = TEST

    def _refuse(self, line: Refused) -> None:
        self.refused_codes[line.code] += 1
        _list(self.refused, line)


def _list(to: list[T], item: T) -> None:
    if len(to) < MOST_LISTED:
        to.append(item)
