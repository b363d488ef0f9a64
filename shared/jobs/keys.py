"""The names of Loupe's keys in Redis. All begin with `loupe:`; so do Celery's, by its global prefix."""

from __future__ import annotations

PREFIX = "loupe:"
LEASES = PREFIX + "leases"
LEASES_LOST = PREFIX + "leases-lost"
OPEN_ITEMS = PREFIX + "open-items"
EXPIRING = PREFIX + "expiring"
EVENTS = PREFIX + "events"


def job(job_id: str) -> str:
    """The job's record, a hash."""
    return f"{PREFIX}job:{job_id}"


def units(job_id: str) -> str:
    """The job's unit numbers by their first item, a sorted set."""
    return f"{PREFIX}job:{job_id}:units"


def counts(job_id: str) -> str:
    """How many items got a label (`l:cat`), failed with a code (`e:http_status`), were `below_threshold`: a hash."""
    return f"{PREFIX}job:{job_id}:counts"


def tries(job_id: str) -> str:
    """What came of each try to tell the job's webhook, oldest first: a list of JSON."""
    return f"{PREFIX}job:{job_id}:tries"


def event(event_id: str) -> str:
    """Something a webhook is yet to be told, a hash."""
    return f"{PREFIX}webhook:{event_id}"


def unit(unit_id: str) -> str:
    """A unit's record, a hash. A unit's id is its job's, a colon and its number."""
    return f"{PREFIX}unit:{unit_id}"


def waiting(queue: str) -> str:
    """The units that wait for a queue's workers, by the start of their wait, a sorted set."""
    return f"{PREFIX}waiting:{queue}"


def suspects(queue: str) -> str:
    """The units of a queue that were lost twice and are run one at a time, a sorted set."""
    return f"{PREFIX}suspects:{queue}"


def index(kind: str | None = None, status: str | None = None) -> str:
    """The ids of all jobs of a kind and a status, a sorted set in which UUIDv7s sort by time."""
    return f"{PREFIX}jobs:{kind or '*'}:{status or '*'}"
