"""What the form for lists was given: a pasted list, a file with a list, or pictures."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from werkzeug.datastructures import FileStorage, MultiDict

from api.intake.asked import read_list
from api.intake.csv_list import DELIMITERS
from api.intake.findings import Findings
from api.intake.form import read_files
from api.intake.rows import Rows
from api.intake.source import Source
from api.pages.format import plural
from api.uploads import FIELD, shown_name
from shared.errors import InvalidRequest
from shared.settings import Settings

TEXT, CSV, NDJSON = "text/plain", "text/csv", "application/x-ndjson"
# By the end of a file's name: a list, and of which type unless its first line says more.
SUFFIXES = {".csv": CSV, ".tsv": CSV, ".txt": TEXT, ".text": TEXT, ".list": TEXT, ".ndjson": NDJSON, ".jsonl": NDJSON}
FIRST_LINE_BYTES = 4096
# So long a list is put into the text field after a check: then the file need not be chosen again.
KEPT_BYTES = 256 * 1024


@dataclass(frozen=True)
class Given:
    """What was given, read but for the pictures themselves.

    Attributes:
        what: what it is called: a file's name, or that it was pasted.
        text: what the text field holds when the form is shown again.
        again: whether files have to be chosen again then.
        noun: what of it may be wrong, a line or a file.
    """

    source: Source
    findings: Findings
    what: str
    text: str = ""
    again: bool = False
    noun: str = "line"


@contextmanager
def given(text: str, files: MultiDict[str, FileStorage], settings: Settings, *, check: bool) -> Iterator[Given]:
    """Reads what was given. What the source needs is kept until the end of the block.

    Args:
        check: whether everything is looked at and nothing will be stored.

    Raises:
        LoupeError: there is nothing or too much, or it cannot be read; wrong lines are findings.
    """
    # A browser sends an empty part without a name for a file field that was left alone.
    chosen = [part for part in files.getlist(FIELD) if part.filename]
    if chosen and text.strip():
        raise InvalidRequest("Addresses or files are expected, received both. Send one, then the other.")
    lists = [part for part in chosen if is_list(part)]
    if not lists and chosen:
        yield _pictures(chosen, settings, check=check)
        return
    if len(chosen) > 1:
        raise InvalidRequest(
            f"One list at a time is expected, received {plural(len(chosen), 'file')} with "
            f"{plural(len(lists), 'list')} among them."
        )
    if not lists and not text.strip():
        raise InvalidRequest("A list of addresses or files are expected, and nothing was given.")
    with Rows(settings.max_items, count_on=check) as rows:
        yield _listed(lists[0], rows) if lists else _pasted(text, rows)


def is_list(part: FileStorage) -> bool:
    """Tells a list from a picture, by the file's name and by what the browser says it is."""
    return PurePath(shown_name(part)).suffix.lower() in SUFFIXES or part.mimetype.startswith("text/")


def list_type(start: bytes, otherwise: str = TEXT) -> str:
    """Returns the media type of a list.

    Args:
        start: its first bytes; a header or an object says what it is.
        otherwise: what it is when they do not.
    """
    first = next(iter(start.decode("utf-8-sig", "replace").lstrip().splitlines()), "").strip()
    if first.startswith("{"):
        return NDJSON
    for delimiter in DELIMITERS:
        if "url" in [cell.strip(' "').lower() for cell in first.split(delimiter)]:
            return CSV
    return otherwise


def _pictures(chosen: Sequence[FileStorage], settings: Settings, *, check: bool) -> Given:
    source, findings = read_files(MultiDict((FIELD, part) for part in chosen), settings, check=check)
    what = shown_name(chosen[0]) if len(chosen) == 1 else f"{len(chosen)} files"
    return Given(source, findings, what, again=True, noun="file")


def _listed(part: FileStorage, rows: Rows) -> Given:
    name = shown_name(part)
    start = part.stream.read(FIRST_LINE_BYTES)
    part.stream.seek(0)
    source = read_list(list_type(start, SUFFIXES.get(PurePath(name).suffix.lower(), TEXT)), part.stream, rows)
    text = _kept(part.stream)
    return Given(source, rows.findings, name, text, again=not text)


def _kept(stream: IO[bytes]) -> str:
    stream.seek(0)
    start = stream.read(KEPT_BYTES + 1)
    if len(start) > KEPT_BYTES:
        return ""
    try:
        return start.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""


def _pasted(text: str, rows: Rows) -> Given:
    body = text.encode("utf-8", "surrogatepass")
    source = read_list(list_type(body[:FIRST_LINE_BYTES]), io.BytesIO(body), rows)
    return Given(source, rows.findings, "The pasted list", text)
