"""What a request for a classification asks, whatever the type of its body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from flask import Request

from api.bodies import read_query, read_texts
from api.intake.csv_list import read_csv
from api.intake.findings import Findings
from api.intake.form import read_files
from api.intake.json_list import read_json_list
from api.intake.ndjson_list import read_ndjson
from api.intake.rows import Rows
from api.intake.source import OneUrl, Source, UrlList
from api.intake.text_list import read_text
from shared.errors import FieldError, InvalidRequest, UnsupportedMediaType
from shared.schemas.classification import CheckQuery, ClassificationQuery, Options, TextOptions
from shared.settings import Settings

READERS: dict[str, Callable[[IO[bytes], Rows], None]] = {
    "text/csv": read_csv,
    "text/plain": read_text,
    "application/x-ndjson": read_ndjson,
}
FORM, JSON = "multipart/form-data", "application/json"
TAKEN = (JSON, FORM, *READERS)
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True)
class Asked:
    """A request that was read.

    Attributes:
        findings: what is wrong with its items.
        check: whether it is a dry run.
    """

    source: Source
    options: Options
    findings: Findings
    check: bool


@contextmanager
def asked(request: Request, settings: Settings) -> Iterator[Asked]:
    """Reads a request's body as a stream. What the source needs is kept until the end of the block.

    Raises:
        UnsupportedMediaType: the body is of a type that is not taken, or not in UTF-8.
        BadJson, BadRequest: it cannot be read.
        InvalidRequest: options are wrong; wrong items are findings.
        TooManyItems: there are more than LOUPE_MAX_ITEMS, and it is no dry run.
    """
    if request.mimetype in READERS:
        query = read_query(ClassificationQuery)
        options = _options(query)
        with Rows(settings.max_items, count_on=query.check) as rows:
            _check_charset(request)
            yield Asked(read_list(request.mimetype, request.stream, rows), options, rows.findings, query.check)
        return
    check = read_query(CheckQuery).check
    if request.mimetype == FORM:
        source, findings = read_files(request.files, settings, check=check)
        yield Asked(source, _options(read_texts(TextOptions, request.form)), findings, check)
    elif request.mimetype == JSON:
        with Rows(settings.max_items, count_on=check) as rows:
            source, options = _from_json(request.stream, rows)
            yield Asked(source, options, rows.findings, check)
    else:
        raise UnsupportedMediaType(
            f"Expected one of {', '.join(TAKEN)}, received {request.mimetype or 'no content type'}."
        )


def read_list(media_type: str, body: IO[bytes], rows: Rows) -> UrlList:
    """Reads a list of URLs into rows.

    Args:
        media_type: text/csv, text/plain or application/x-ndjson.

    Raises:
        InvalidRequest: there is no item, or a CSV has no header.
        TooManyItems: it is longer than the rows' limit.
    """
    READERS[media_type](body, rows)
    if not rows.total and not rows.findings.total:
        raise InvalidRequest("The list is empty.", (FieldError("body", "At least one item is expected."),))
    return UrlList(rows)


def _from_json(body: IO[bytes], rows: Rows) -> tuple[Source, Options]:
    wanted = read_json_list(body, rows)
    options = _options(wanted)
    return (UrlList(rows) if wanted.url is None else OneUrl(wanted.url)), options


def _options(given: Options) -> Options:
    """Returns the options alone, without what came beside them."""
    return Options(**{name: getattr(given, name) for name in Options.model_fields})


def _check_charset(request: Request) -> None:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in CHARSETS:
        raise UnsupportedMediaType(f"The text is expected in UTF-8, received the charset {charset!r}.")
