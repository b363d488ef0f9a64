"""The words of the job record: what a job, a unit and a claim are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Plain JSON objects: what the record stores and the API shows.
Json = dict[str, Any]


class Kind(StrEnum):
    """What a job does."""

    CLASSIFICATION = "classification"
    TRAINING = "training"
    IMPORT = "import"


class Status(StrEnum):
    """Where a job stands. The last three are final and never change."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELING = "canceling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        """Whether the job has ended."""
        return self in FINAL

    @property
    def can_be_canceled(self) -> bool:
        """Whether the job can still be asked to stop."""
        return self in {Status.QUEUED, Status.RUNNING}


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED})


class Queue(StrEnum):
    """The Celery queues; each has a task of the same name that takes one unit's id."""

    CLASSIFY = "classify"
    BATCH = "batch"
    TRAIN = "train"


@dataclass(frozen=True)
class NewUnit:
    """A piece of work that one worker does at a time.

    Attributes:
        payload: what the worker needs to know, small and JSON; never bytes or lists of URLs.
        first: the index of the unit's first item in its job.
        count: how many items the unit holds.
    """

    payload: Json
    first: int = 0
    count: int = 1


@dataclass(frozen=True)
class Idempotency:
    """An Idempotency-Key as the store sees it: where it is kept, and what came with it."""

    key: str
    fingerprint: str


@dataclass(frozen=True)
class NewJob:
    """All that is needed to create a job.

    Attributes:
        spec: the accepted request, defaults filled in; workers read it, clients do not see it. Its `webhook`, if it
            has one, is a URL that was found allowed.
        total: how many items (or, for a training, steps; 0 while unknown) the job has.
        max_failure_rate: above this share of failed items a list fails as a whole.
        owner: the name of the access key that asked for it, if one did.
    """

    id: str
    kind: Kind
    queue: Queue
    units: Sequence[NewUnit]
    spec: Json
    single: bool = False
    total: int = 1
    max_failure_rate: float | None = None
    idempotency: Idempotency | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Job:
    """A job as its record says it is. Times are seconds since 1970.

    Attributes:
        tries: to tell its webhook, as `Try.record` has them.
        owner: the name of the access key that asked for it, if one did.
    """

    id: str
    kind: Kind
    single: bool
    status: Status
    created_at: float
    started_at: float | None
    finished_at: float | None
    attempt: int
    progress: Json
    result: Json | None
    error: Json | None
    spec: Json
    tries: Sequence[Json] = ()
    owner: str | None = None


# A unit is given up when it was lost with its worker so often.
LOSSES_ALLOWED = 3


@dataclass(frozen=True)
class Claim:
    """The right to work on a unit until the lease runs out.

    Attributes:
        attempt: the fencing token; every write carries it, and a stale one is refused.
        origin: what travelled with the job, see `shared.jobs.origin`.
        losses: how often the unit was lost before.
    """

    unit_id: str
    job_id: str
    attempt: int
    payload: Json
    first: int
    count: int
    kind: Kind
    spec: Json
    origin: Mapping[str, str] = field(default_factory=dict)
    losses: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a unit's work came to.

    Attributes:
        done: items with an outcome, failed ones included.
        status: how a job of one unit ends; None for a chunk of a list, whose job ends by its counters.
        results: where in storage a chunk's results lie.
        labels: how many items got each label.
        errors: how many items failed with each code.
        below_threshold: how many answers were below the threshold that was asked for.
        after: what is left to do once the outcome stands, and that nobody waits for; told whether other units wait.
    """

    done: int = 1
    failed: int = 0
    status: Status | None = None
    result: Json | None = None
    error: Json | None = None
    results: str | None = None
    labels: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)
    below_threshold: int = 0
    after: Callable[[bool], None] = field(default=lambda _: None, compare=False)
