"""CSV files of a source, read line by line: a file of any size takes the memory of one line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from shared.datasets.paths import found
from shared.errors import BadSource
from trainer.datasets.source import Context

# More characters than 4096 x 4096 pixels need would be a file without line ends.
LONGEST_LINE = 80_000_000
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


def rows(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yields (line number, cells) of every line that is not empty. Bytes that are no UTF-8 become half surrogates.

    Args:
        name: what the file is called in an error.

    Raises:
        BadSource: it cannot be read as CSV.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(_lines(file, name))
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
        except csv.Error as error:
            raise BadSource(f"{name}, line {reader.line_num}: this cannot be read as CSV: {error}.") from None


def count_lines(path: Path, name: str) -> int:
    """Returns how many lines are not empty, without looking at their cells.

    Raises:
        BadSource: a line is too long.
    """
    with path.open(encoding="latin-1", newline="") as file:
        return sum(1 for line in _lines(file, name) if not line.isspace())


def _lines(file: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadSource(f"{name}, line {number}: at most {LONGEST_LINE:,} characters a line are expected.")
        yield line
