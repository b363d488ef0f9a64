"""What a process says of the units it runs: counts, times and the outcome of their spans. Durations are in seconds."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from shared.jobs.model import Claim, Outcome, Status
from shared.tracing import note

# From a small picture to a training of hours.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)

UNITS = Counter(
    "loupe_units",
    "Units that this process let go of, by outcome: succeeded, failed, canceled, given_back, lost. The reason is the "
    "error's code, or why it was given back.",
    ["kind", "outcome", "reason"],
)
SECONDS = Histogram("loupe_unit_seconds", "From a unit's claim to its recorded outcome", ["kind"], buckets=BUCKETS)
LAST_SUCCESS = Gauge(
    "loupe_last_success_timestamp_seconds", "When this process last recorded a unit that did not fail", ["kind"]
)
LEASE_LOSSES = Counter(
    "loupe_worker_lease_losses", "Leases that this process lost: stuck by itself, or taken by others", ["reason"]
)


def recorded(claim: Claim, outcome: Outcome, seconds: float) -> None:
    """Counts a unit whose outcome stands."""
    # A chunk of a list has no status of its own; one that was canceled before its first item has done nothing.
    status = outcome.status or (Status.SUCCEEDED if outcome.done else Status.CANCELED)
    reason = str(outcome.error["code"]) if outcome.error else ""
    UNITS.labels(claim.kind, status, reason).inc()
    SECONDS.labels(claim.kind).observe(seconds)
    note({"loupe.outcome": status}, reason)
    if status is Status.SUCCEEDED:
        LAST_SUCCESS.labels(claim.kind).set_to_current_time()


def let_go(claim: Claim, outcome: str, reason: str = "") -> None:
    """Counts a unit that has no outcome from this attempt: it is `given_back` or `lost`."""
    UNITS.labels(claim.kind, outcome, reason).inc()
    note({"loupe.outcome": outcome, "loupe.reason": reason})
