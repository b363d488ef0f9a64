"""`application/x-ndjson`: a JSON object a line, `{"id": "mine-1", "url": "…"}`. Blank lines are skipped."""

from __future__ import annotations

import json
from typing import IO

from api.bodies import refuse_constant
from api.intake.items import add_line
from api.intake.lines import numbered_lines
from api.intake.rows import Rows

DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def read_ndjson(body: IO[bytes], rows: Rows) -> None:
    """Reads a list of items.

    Raises:
        InvalidRequest: there are too many blank lines.
        TooManyItems: it is longer than the rows' limit.
    """
    for number, line in numbered_lines(body, rows.findings):
        text = line.strip()
        if not text:
            continue
        try:
            value = DECODER.decode(text)
        except RecursionError:
            rows.findings.add_line(number, "The JSON is nested too deeply.")
        except ValueError as error:
            rows.findings.add_line(number, f"The line cannot be read as JSON: {error}.")
        else:
            add_line(rows, number, value)
