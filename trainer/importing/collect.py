"""Gathers examined pictures: each content once, what conflicts or cannot be used listed with its reason."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from shared.datasets.report import MOST_LISTED, Refused
from shared.errors import LabelConflict
from trainer.datasets.source import refused
from trainer.datasets.version import TEST, TRAIN
from trainer.importing.picture import Picture

T = TypeVar("T")
# As many as a folder may have files: 20 MB of memory.
MOST_REFUSED = 100_000


class Collection:
    """What a source had.

    Attributes:
        refused: all files, but for those beyond a hundred thousand.
        duplicates, crossed: the first files of each, for the report; the counts are whole. A crossed file is one that
            was given for training and is tested on.
    """

    def __init__(self) -> None:
        self._pictures: dict[bytes, Picture] = {}
        self._copies: dict[bytes, list[Picture]] = {}
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
        elif self._pictures.setdefault(found.sha256, found) is not found:
            self._copies.setdefault(found.sha256, []).append(found)

    def settle(self) -> list[Picture]:
        """Returns each content once. Those that came under several labels are left out and listed, each copy."""
        for content, copies in self._copies.items():
            everywhere = [self._pictures[content], *copies]
            if len({picture.label for picture in everywhere}) > 1:
                self._conflict(everywhere)
                del self._pictures[content]
            else:
                self._pictures[content] = self._repeated(everywhere)
        self._copies.clear()
        return list(self._pictures.values())

    def _conflict(self, everywhere: list[Picture]) -> None:
        where = ", ".join(f"{picture.file} ({picture.label})" for picture in everywhere[:5])
        for picture in everywhere:
            error = LabelConflict(f"The same bytes come under several labels: {where}.")
            self._refuse(refused(picture.file, error))

    def _repeated(self, everywhere: list[Picture]) -> Picture:
        """Returns the one that stays. On both sides it is tested on: who trained on it would know the answer."""
        self.duplicate_count += len(everywhere) - 1
        for picture in everywhere[1:]:
            _list(self.duplicates, picture.file)
        by_side = {side: [p for p in everywhere if p.side == side] for side in (TEST, TRAIN)}
        if by_side[TEST] and by_side[TRAIN]:
            self.crossed_count += 1
            for picture in by_side[TRAIN]:
                _list(self.crossed, picture.file)
        return next(iter([*by_side[TEST], *by_side[TRAIN], *everywhere]))

    def _refuse(self, line: Refused) -> None:
        self.refused_codes[line.code] += 1
        _list(self.refused, line, MOST_REFUSED)


def _list(to: list[T], item: T, most: int = MOST_LISTED) -> None:
    if len(to) < most:
        to.append(item)
