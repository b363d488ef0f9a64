"""The lines of a body of text, one at a time, each with its number."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

from api.intake.findings import Findings
from shared.errors import FieldError, InvalidRequest

# Others have their turn between two pieces: small ones, as every byte may be a line that is wrong.
PIECE_BYTES = 16 * 1024
# A URL of 8,192 characters may take twelve bytes for each in JSON; with an id there is room to spare.
LONGEST_LINE_BYTES = 128 * 1024
# Blank lines are no items, of which there is a limit. So many take half a second of a core, 256 MB of them two minutes.
MOST_BLANK = 1_000_000


def numbered_lines(body: IO[bytes], findings: Findings) -> Iterator[tuple[int, str]]:
    """Yields a body's lines with their numbers, from 1, without what ends them.

    Lines end with LF, CRLF, or the CR that Excel writes as "CSV (Macintosh)". A line that cannot be used is a finding:
    one that is not UTF-8, or is too long.

    Raises:
        InvalidRequest: there are more blank lines than any list has.
    """
    blank = 0
    for number, line in enumerate(_lines(body), 1):
        if len(line) > LONGEST_LINE_BYTES:
            findings.add_line(number, f"The line is longer than {LONGEST_LINE_BYTES:,} bytes.")
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            findings.add_line(
                number,
                f"The text is expected in UTF-8; byte {error.start + 1} of the line is {line[error.start]:#04x}.",
            )
            continue
        if not text.strip():
            blank += 1
            if blank > MOST_BLANK:
                message = f"More than {MOST_BLANK:,} lines are blank. Send the list without them."
                raise InvalidRequest(message, (FieldError(f"line {number}", message),))
        yield number, text


def _lines(body: IO[bytes]) -> Iterator[bytes]:
    """Yields lines without what ends them; of one that is too long only so much that this can be seen."""
    rest = b""
    first = True
    while piece := body.read(PIECE_BYTES):
        # The last line may go on; if it ends with CR, then maybe with an LF.
        *whole, rest = (rest + piece).splitlines(keepends=True)
        rest = rest[-LONGEST_LINE_BYTES - len(b"\r\n") :]
        for line in whole:
            yield _tidy(line, first=first)
            first = False
    if rest:
        yield _tidy(rest, first=first)


def _tidy(line: bytes, *, first: bool) -> bytes:
    return (line.removeprefix(codecs.BOM_UTF8) if first else line).rstrip(b"\r\n")
