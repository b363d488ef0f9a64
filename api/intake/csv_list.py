"""`text/csv`: a header line with a column `url` and maybe `id`, then an item a line. Other columns are ignored."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from api.intake.items import add_line
from api.intake.lines import LONGEST_LINE_BYTES, numbered_lines
from api.intake.rows import Rows
from shared.errors import FieldError, InvalidRequest

# Spreadsheets write semicolons where the comma is the decimal point, and tabs when text is copied.
DELIMITERS = (",", ";", "\t")
MOST_CHARACTERS_SHOWN = 80


def read_csv(body: IO[bytes], rows: Rows) -> None:
    """Reads a list of items as RFC 4180 has them; a quoted cell may have line breaks.

    Raises:
        InvalidRequest: the first line names no column `url`, or there are too many blank ones.
        TooManyItems: it is longer than the rows' limit.
    """
    lines = Numbered(numbered_lines(body, rows.findings))
    header = next(lines, "")
    # If the first line was no text, this is the second.
    rows.findings.check()
    columns, delimiter = _header(header)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            rows.findings.add_line(lines.first, f"The line cannot be read as CSV: {error}.")
            continue
        if len(cells) > len(columns):
            many = f"{len(cells)} cells where the header has {len(columns)}. Put a cell with a comma in quotes."
            rows.findings.add_line(lines.first, f"The line has {many}")
        elif cells:
            row = dict(zip(columns, cells, strict=False))
            # A cell left empty is no id.
            item = {"id": row.get("id") or None, "url": row.get("url", "")}
            add_line(rows, lines.first, item)


class Numbered:
    """Hands lines to the CSV reader, and remembers where the row that it reads began."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self._length = 0
        self.first = 1

    def begin(self) -> None:
        """Says that the next line begins a row."""
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        if not self._length:
            self.first = number
        # The reader keeps a line break within quotes only if it sees one.
        line += "\n"
        self._length += len(line)
        if self._length > LONGEST_LINE_BYTES + 1:
            # A row may go on over lines without end, and the reader would hold all of its cells.
            raise csv.Error(f"it has more than {LONGEST_LINE_BYTES:,} characters, line breaks in quotes included")
        return line


def _header(line: str) -> tuple[list[str], str]:
    """Returns the names of the columns and what is between them."""
    for delimiter in DELIMITERS:
        names = [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter), [])]
        if names.count("url") == 1 and names.count("id") <= 1:
            return names, delimiter
    shown = line.strip()[:MOST_CHARACTERS_SHOWN]
    message = (
        f"A header line is expected that names one column `url` and maybe one `id`, received {shown!r}. "
        "A list without a header is sent as text/plain, a URL a line."
    )
    raise InvalidRequest(message, (FieldError("line 1", message),))
