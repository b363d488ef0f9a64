"""Results as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

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


def csv_lines(items: Iterator[Json]) -> Iterator[str]:
    """Returns a header line and a line for each item, as RFC 4180 has them."""
    yield _line(COLUMNS)
    for item in items:
        model, error = item["model"] or {}, item["error"] or {}
        extra = {
            "below_threshold": str(item["below_threshold"]).lower(),
            "model": model.get("name"),
            "version": model.get("version"),
            "error_code": error.get("code"),
            "error_message": error.get("message"),
        }
        yield _line([extra[name] if name in extra else item[name] for name in COLUMNS])


def _line(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return "" if cell is None else cell
