"""`text/plain`: a URL a line. Blank lines are skipped, and so are spaces around a URL."""

from __future__ import annotations

from typing import IO

from api.intake.items import add_line
from api.intake.lines import numbered_lines
from api.intake.rows import Rows


def read_text(body: IO[bytes], rows: Rows) -> None:
    """Reads a list of URLs.

    Raises:
        InvalidRequest: there are too many blank lines.
        TooManyItems: it is longer than the rows' limit.
    """
    for number, line in numbered_lines(body, rows.findings):
        url = line.strip()
        if url:
            add_line(rows, number, {"url": url})
