"""CSV files of a source, read row by row: a file of any size takes the memory of one row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TextIO

from shared.datasets.paths import found
from shared.errors import BadSource
from trainer.datasets.source import Context

# Of a row, line breaks in quotes included: all of its cells are in memory at a time, and take twenty times as much.
LONGEST_ROW = 1_000_000
LONGEST_FIELD = 100_000


def csv_file(path: str, context: Context) -> Path:
    """Returns where a CSV file lies.

    Raises:
        PathNotAllowed, SourceNotFound: it is not there.
        BadSource: it is a folder.
    """
    where = found(context.import_dir, path)
    if not where.is_file():
        raise BadSource(f"{path!r} is no plain file. A CSV file is expected.")
    return where


def rows(path: Path, name: str, longest: int = LONGEST_ROW) -> Iterator[tuple[int, list[str]]]:
    """Yields (line number, cells) of every row that is not empty. Bytes that are no UTF-8 become half surrogates.

    Args:
        name: what the file is called in an error.
        longest: the most characters of a row.

    Raises:
        BadSource: it cannot be read as CSV, or a row is too long.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        lines = _Lines(file, name, longest)
        reader = csv.reader(lines)
        try:
            while (cells := next(reader, None)) is not None:
                if cells:
                    yield reader.line_num, cells
                lines.row = 0
        except csv.Error as error:
            raise BadSource(f"{name}, line {reader.line_num}: this cannot be read as CSV: {error}.") from None


def count_lines(path: Path, name: str, longest: int = LONGEST_ROW) -> int:
    """Returns how many lines are not empty, without looking at their cells.

    Raises:
        BadSource: a line is too long.
    """
    count = 0
    with path.open(encoding="latin-1", newline="") as file:
        lines = _Lines(file, name, longest)
        for line in lines:
            count += not line.isspace()
            lines.row = 0
    return count


class _Lines:
    """The lines of a file.

    Attributes:
        row: how many characters of the row that is read have come; who has read one sets it to 0.
    """

    def __init__(self, file: TextIO, name: str, longest: int) -> None:
        self._file = file
        self._name = name
        self._longest = longest
        self._number = 0
        self.row = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(self._longest + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self.row += len(line)
        if self.row > self._longest:
            where = f"{self._name}, line {self._number}"
            raise BadSource(f"{where}: at most {self._longest:,} characters a row are expected.")
        return line
