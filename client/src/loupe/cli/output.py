"""Data go to standard output, words to standard error; how both look is decided here."""

from __future__ import annotations

import enum
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from loupe.types import Json


class Style(enum.Enum):
    """How data are written: for people, a JSON document a line, or ids alone."""

    TEXT = "text"
    JSON = "json"
    IDS = "ids"


@dataclass(frozen=True)
class Record:
    """One thing to show.

    Attributes:
        id: what other commands know it by.
        raw: all that the server said of it.
        cells: what people see.
    """

    id: str
    raw: Json
    cells: Sequence[str]


class Output:
    """Writes data and words."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.words = console(sys.stderr)
        self._data = console(sys.stdout)

    @property
    def quiet(self) -> bool:
        """Whether ids alone are wanted."""
        return self.style is Style.IDS

    def show(self, columns: Sequence[str], records: Iterable[Record]) -> None:
        """Writes a list: a table on a terminal, else a line each as they come, its cells between tabs."""
        if self.style is not Style.TEXT or not self._data.is_terminal:
            for record in records:
                self.one(record)
            return
        self._data.print(table_of(columns, list(records)))

    def one(self, record: Record) -> None:
        """Writes one thing at once."""
        if self.style is Style.JSON:
            self._line(json.dumps(record.raw))
        elif self.style is Style.IDS:
            self._line(clean(record.id))
        else:
            between = "  " if self._data.is_terminal else "\t"
            self._line(between.join(map(clean, record.cells)))

    def say(self, words: str) -> None:
        """Writes words for people; with -q there are none."""
        if not self.quiet:
            say(words)

    def _line(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def table_of(columns: Sequence[str], records: Sequence[Record]) -> Table:
    """Returns a table, whose first column is never cut: it is what other commands are given."""
    longest = max((len(clean(record.cells[0])) for record in records), default=0)
    first, *rest = columns
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, min_width=longest, no_wrap=True)
    for column in rest:
        table.add_column(column, overflow="fold")
    for record in records:
        table.add_row(*(Text(clean(cell)) for cell in record.cells))
    return table


def say(words: str) -> None:
    """Writes words for people."""
    sys.stderr.write(f"{clean(words)}\n")
    sys.stderr.flush()


def console(stream: TextIO) -> Console:
    """Returns a console that sends control sequences only to a terminal that wants them (https://no-color.org)."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return Console(file=stream, force_terminal=not plain, highlight=False, markup=False, emoji=False)


def percent(share: float | None) -> str:
    """Returns a share of 1 as the pages write it, 97.2 %; nothing where there is none. `--json` has the number."""
    if share is None:
        return ""
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{share:.1%}".replace("%", " %")


def clean(text: str) -> str:
    """Returns a text without control characters: what others wrote may not steer the terminal, nor end a line."""
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
