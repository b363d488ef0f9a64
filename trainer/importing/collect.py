"""Gathers examined pictures: each content once, what conflicts or cannot be used listed with its reason."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from shared.datasets.report import MOST_LISTED, Refused
from shared.errors import LabelConflict
from trainer.datasets.source import refused
from trainer.datasets.version import TEST
from trainer.importing.examine import Examined

T = TypeVar("T")


@dataclass(slots=True)
class Picture:
    """One content, however often it came.

    Attributes:
        side: the side it was given on; None where the split is not given.
        offset: where its bytes lie in the scratch file.
    """

    sha256: bytes
    label: str
    side: int | None
    file: str
    format: str
    width: int
    height: int
    offset: int
    length: int


class Collection:
    """What a source had. Its bytes wait in a nameless scratch file, which goes with the process.

    Attributes:
        refused, duplicates, crossed: the first of each, for the report; the counts are whole.
    """

    def __init__(self, scratch_dir: Path) -> None:
        scratch_dir.mkdir(parents=True, exist_ok=True)
        self._bytes = tempfile.TemporaryFile(dir=scratch_dir)  # noqa: SIM115 - closed with the collection
        self._size = 0
        self._pictures: dict[bytes, Picture] = {}
        self._copies: dict[bytes, list[tuple[str, str]]] = {}
        self.refused: list[Refused] = []
        self.refused_codes: Counter[str] = Counter()
        self.duplicates: list[str] = []
        self.duplicate_count = 0
        self.crossed: list[str] = []
        self.crossed_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bytes.close()

    @property
    def failed(self) -> int:
        """How many were refused."""
        return self.refused_codes.total()

    def add(self, found: Examined | Refused) -> None:
        """Takes one picture of the source."""
        if isinstance(found, Refused):
            self._refuse(found)
            return
        label, file, side = found.candidate.label, found.candidate.file, found.candidate.side
        known = self._pictures.get(found.sha256)
        if known is None:
            self._keep(found)
        elif known.label != label or found.sha256 in self._copies:
            self._copies.setdefault(found.sha256, [(known.file, known.label)]).append((file, label))
        else:
            self._repeat(known, file, side)

    def settle(self) -> list[Picture]:
        """Returns the pictures, those that came under two labels left out and listed."""
        for content, copies in self._copies.items():
            where = ", ".join(f"{file} ({label})" for file, label in copies[:5])
            for file, _ in copies:
                self._refuse(refused(file, LabelConflict(f"The same bytes come under several labels: {where}.")))
            del self._pictures[content]
        self._copies.clear()
        return list(self._pictures.values())

    def read(self, picture: Picture) -> bytes:
        """Returns a picture's bytes."""
        self._bytes.seek(picture.offset)
        return self._bytes.read(picture.length)

    def _keep(self, found: Examined) -> None:
        candidate = found.candidate
        self._pictures[found.sha256] = Picture(
            sha256=found.sha256,
            label=candidate.label,
            side=candidate.side,
            file=candidate.file,
            format=found.format,
            width=found.width,
            height=found.height,
            offset=self._size,
            length=len(found.data),
        )
        self._bytes.write(found.data)
        self._size += len(found.data)

    def _repeat(self, known: Picture, file: str, side: int | None) -> None:
        self.duplicate_count += 1
        _list(self.duplicates, file)
        if known.side is None:
            known.side = side
        elif side not in (None, known.side):
            # It is tested on: whatever was trained on it would know the answer.
            self.crossed_count += 1
            _list(self.crossed, file)
            known.side = TEST

    def _refuse(self, line: Refused) -> None:
        self.refused_codes[line.code] += 1
        _list(self.refused, line)


def _list(to: list[T], item: T) -> None:
    if len(to) < MOST_LISTED:
        to.append(item)
