"""Reads a job's outcomes from where the workers put them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from api.services import Services
from shared.errors import FieldError, InvalidRequest
from shared.jobs.model import Job, Json
from shared.schemas.base import PageQuery
from shared.schemas.job import ItemFilter


def outcomes(services: Services, job: Job, start: int = 0) -> Iterator[Json]:
    """Returns the items that have an outcome, in input order, from index `start` on.

    What needs Redis is read before this returns, so that an error is still an answer of its own.
    """
    if job.single:
        items = [job.result] if job.result is not None else []
        return (item for item in items if item["index"] >= start)
    return _read(services, services.jobs.chunk_results(job.id), start)


def wanted(items: Iterator[Json], query: ItemFilter) -> Iterator[Json]:
    """Leaves out what the query does not ask for."""
    return filter(query.lets_through, items)


def cursor_of(query: PageQuery) -> int:
    """Returns the index at which a page begins.

    Raises:
        InvalidRequest: the cursor is not one.
    """
    if query.cursor is None:
        return 0
    if not query.cursor.isascii() or not query.cursor.isdigit() or len(query.cursor) > 18:
        raise InvalidRequest(
            "The cursor is not one.", (FieldError("cursor", "The next_cursor of a page is expected."),)
        )
    return int(query.cursor)


def _read(services: Services, paths: list[str], start: int) -> Iterator[Json]:
    for path in _from(paths, start):
        for line in services.storage.read_bytes(path).splitlines():
            item: Json = json.loads(line)
            if item["index"] >= start:
                yield item
        # A long list is read in one go; other requests get their turn between chunks.
        time.sleep(0)


def _from(paths: list[str], start: int) -> list[str]:
    """Leaves out the chunks before the one that holds `start`: a results file's name begins with its first index."""
    firsts = [int(path.rpartition("/")[2].partition("-")[0]) for path in paths]
    before = sum(first <= start for first in firsts)
    return paths[max(0, before - 1) :]
