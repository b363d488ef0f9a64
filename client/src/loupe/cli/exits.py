"""Exit codes: what a script learns of how it went."""

from __future__ import annotations

from collections.abc import Iterable

from loupe.errors import (
    ConfigurationError,
    FileProblem,
    InvalidRequest,
    LoupeError,
    NotAllowed,
    NotFound,
    StillRunning,
)
from loupe.types import Job

OK = 0
FAILED = 1
USAGE = 2
NOT_FOUND = 3
NOT_ALLOWED = 4
PARTLY_FAILED = 5
STILL_RUNNING = 8
# As shells have them: 128 and the number of the signal.
INTERRUPTED = 130
UNREAD = 141

BY_ERROR: tuple[tuple[type[LoupeError], int], ...] = (
    (ConfigurationError, USAGE),
    # What was asked for is not right: that is how the command was used.
    (InvalidRequest, USAGE),
    (FileProblem, NOT_FOUND),
    (NotFound, NOT_FOUND),
    (NotAllowed, NOT_ALLOWED),
    (StillRunning, STILL_RUNNING),
)


def of_error(error: LoupeError) -> int:
    """Returns the exit code of an error."""
    return next((code for kind, code in BY_ERROR if isinstance(error, kind)), FAILED)


def of_job(job: Job) -> int:
    """Returns the exit code of a job as it is."""
    if not job.ended:
        return STILL_RUNNING
    if job.status != "succeeded":
        return FAILED
    # Of a dataset or a training nothing else may fail; a list may lose some of its items, or all.
    if job.kind != "classification" or not job.failed:
        return OK
    return FAILED if job.failed >= job.total else PARTLY_FAILED


def of_all(codes: Iterable[int]) -> int:
    """Returns the exit code of several things: the one they share, or that they went partly wrong."""
    found = set(codes)
    if STILL_RUNNING in found:
        return STILL_RUNNING
    return found.pop() if len(found) == 1 else PARTLY_FAILED if found else OK
