"""The jobs that have not ended, whose needs are not to be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from shared.jobs.model import Job, Kind, Status
from shared.jobs.store import JobStore

UNFINISHED = (Status.QUEUED, Status.RUNNING, Status.CANCELING)
PAGE = 1000


def unfinished(jobs: JobStore, *kinds: Kind) -> Iterator[Job]:
    """Returns the jobs of some kinds that have not ended."""
    for kind in kinds:
        for status in UNFINISHED:
            cursor: str | None = None
            while True:
                page = jobs.page(kind=kind, status=status, cursor=cursor, limit=PAGE)
                yield from page.jobs
                cursor = page.next_cursor
                if cursor is None:
                    break
