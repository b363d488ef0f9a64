"""Results as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from shared.datasets.report import Refused
from shared.jobs.model import Json

COLUMNS = (
    "index",
    "id",
    "url",
    "filename",
    "status",
    "label",
    "score",
    "below_threshold",
    "model",
    "version",
    "error_code",
    "error_message",
)
# A cell that begins with one of these is a formula to spreadsheets; an apostrophe makes it text.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Where the comma is the decimal sign, spreadsheets split at `;`, and quotes around what they split do not hold it
# together. So what follows such a separator in a cell is made text as well.
INNER_FORMULA = re.compile(r'([;\t\r\n][ "]*+)(?=[=+\-@＝＋－＠])')


def csv_lines(items: Iterator[Json]) -> Iterator[str]:
    """Returns a header line and a line for each item, as RFC 4180 has them; all text of items is quoted."""
    yield _line(COLUMNS, quoted=False)
    for item in items:
        model, error = item["model"] or {}, item["error"] or {}
        extra = {
            "below_threshold": str(item["below_threshold"]).lower(),
            "model": model.get("name"),
            "version": model.get("version"),
            "error_code": error.get("code"),
            "error_message": error.get("message"),
        }
        cells = (extra[name] if name in extra else item[name] for name in COLUMNS)
        yield _line(map(_safe, cells), quoted=True)


def refused_lines(refused: Iterable[Refused]) -> Iterator[str]:
    """Returns a header line and a line for each file that was left out of a dataset, in the same way."""
    yield _line(("file", "code", "message"), quoted=False)
    for one in refused:
        yield _line(map(_safe, (one.file, one.code, one.message)), quoted=True)


def _line(cells: Iterable[object], *, quoted: bool) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC if quoted else csv.QUOTE_MINIMAL).writerow(cells)
    return text.getvalue()


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return "" if cell is None else cell
    text = INNER_FORMULA.sub(r"\1'", cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
