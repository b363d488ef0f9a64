"""The source `pixels-csv`: one picture a line, its label and then its grey pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.errors import BadSource
from shared.schemas.source import PixelsCsvSource
from trainer.datasets.lines import LONGEST_ROW, count_lines, csv_file, rows
from trainer.datasets.numbers import label_name
from trainer.datasets.source import Candidate, Context, Source, candidate_of, sources

# `255` and what stands between two of them, if need be with a space.
CELL_CHARACTERS = 5


@sources.register("pixels-csv")
def pixels_csv(asked: PixelsCsvSource, context: Context) -> Source:
    """Opens the file and counts its lines.

    Raises:
        PathNotAllowed, SourceNotFound, BadSource: the file is not there.
    """
    path = csv_file(asked.path, context)
    longest = LONGEST_ROW + asked.width * asked.height * CELL_CHARACTERS
    _, first = next(rows(path, asked.path, longest), (0, ["0"]))
    header = not _is_label(first[0])
    return PixelsCsv(asked, path, count_lines(path, asked.path, longest) - header, longest)


@dataclass(frozen=True)
class PixelsCsv:
    """The lines of one file."""

    asked: PixelsCsvSource
    path: Path
    count: int
    longest: int
    ordered: bool = True

    @property
    def classes(self) -> tuple[str, ...]:
        """The names given; without them, what numbers there are."""
        return tuple(self.asked.names or ())

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Candidate]:
        """Yields the pictures.

        Raises:
            BadSource: a line has another number of cells, or a cell is no number from 0 to 255.
            LabelOutOfRange: a label has no name.
        """
        for line, cells in _pictures(self.path, self.asked.path, self.longest):
            where = f"{self.asked.path}, line {line}"
            label, pixels = _parsed(cells, self.asked.width, self.asked.height, where)
            name = label_name(label, self.asked.names, where)
            yield candidate_of(f"{self.asked.path}:{line}", name, pixels)


def _pictures(path: Path, name: str, longest: int) -> Iterator[tuple[int, list[str]]]:
    """Yields every line but the header, which is known by not beginning with a number."""
    for place, (line, cells) in enumerate(rows(path, name, longest)):
        if place > 0 or _is_label(cells[0]):
            yield line, cells


def _is_label(cell: str) -> bool:
    return cell.strip().lstrip("-").isdigit()


def _parsed(cells: list[str], width: int, height: int, where: str) -> tuple[int, NDArray[np.uint8]]:
    expected = width * height + 1
    if len(cells) != expected:
        raise BadSource(
            f"{where}: {expected} columns are expected, a label and {width} x {height} pixels, received {len(cells)}."
        )
    try:
        label, pixels = int(cells[0]), bytes(map(int, cells[1:]))
    except ValueError:
        wrong = next((cell for cell in cells if not _is_pixel(cell)), cells[0])
        raise BadSource(f"{where}: whole numbers from 0 to 255 are expected, received {wrong[:40]!r}.") from None
    return label, np.frombuffer(pixels, np.uint8).reshape(height, width)


def _is_pixel(cell: str) -> bool:
    try:
        return 0 <= int(cell) <= 255
    except ValueError:
        return False
