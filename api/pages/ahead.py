"""What has to be done before a waiting job: how many jobs, and about how long they take."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from api.pages.progress import progress_of
from api.services import services
from shared.jobs.model import Job, Kind, Status

# Beyond this many of one kind the exact number is of no use to anybody.
MOST_COUNTED = 100
# So many ended jobs say how long such a job takes.
MOST_ASKED = 20
OPEN = (Status.QUEUED, Status.RUNNING)
TRAINER = (Kind.TRAINING, Kind.IMPORT)


@dataclass(frozen=True)
class Ahead:
    """The older jobs for the same kind of process that have not ended.

    Attributes:
        count: `MOST_COUNTED` or more means that there may be more.
        seconds: how long they take, None while nothing tells.
    """

    count: int
    seconds: float | None


def ahead_of(job: Job, hands: int) -> Ahead:
    """Returns what is ahead of a waiting job.

    Args:
        hands: how many processes work for such jobs.
    """
    kinds = (job.kind,) if job.kind is Kind.CLASSIFICATION else TRAINER
    found = [other for kind in kinds for status in OPEN for other in _older(job, kind, status)]
    # Single pictures go many at a time, and nobody waits for them long enough to be told how long.
    seconds = None if job.single else _seconds(found)
    # A trainer does one job at a time; all workers share in a list.
    share = hands if job.kind is not Kind.CLASSIFICATION else 1
    return Ahead(len(found), seconds / share if seconds is not None else None)


def _older(job: Job, kind: Kind, status: Status) -> list[Job]:
    page = services().jobs.page(kind=kind, status=status, cursor=job.id, limit=MOST_COUNTED)
    return [other for other in page.jobs if other.single == job.single]


def _seconds(found: Sequence[Job]) -> float | None:
    """Returns how long jobs take one after another; None if that cannot be said of one of them."""
    if len(found) >= MOST_COUNTED:
        return None
    now = time.time()
    usual = {kind: _usual(kind) for kind in {other.kind for other in found}}
    left = [_left(other, usual[other.kind], now) for other in found]
    known = [seconds for seconds in left if seconds is not None]
    return sum(known) if len(known) == len(left) else None


def _left(job: Job, usual: float | None, now: float) -> float | None:
    """Returns how long a job still takes, by its own pace or by that of others."""
    own = progress_of(job, now).left_s
    if own is not None or usual is None:
        return own
    passed = now - job.started_at if job.started_at else 0.0
    return max(0.0, usual * _size(job) - passed)


def _usual(kind: Kind) -> float | None:
    """Returns how many seconds such a job took lately, a list by the picture; None if none has ended."""
    ended = services().jobs.page(kind=kind, status=Status.SUCCEEDED, cursor=None, limit=MOST_ASKED).jobs
    paces = [
        (job.finished_at - job.started_at) / _size(job)
        for job in ended
        if not job.single and job.started_at and job.finished_at
    ]
    return median(paces) if paces else None


def _size(job: Job) -> int:
    return max(1, int(job.progress.get("total", 1))) if job.kind is Kind.CLASSIFICATION else 1
