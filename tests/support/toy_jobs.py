"""Small jobs for tests of the job record, and a worker's part in them."""

from __future__ import annotations

from shared import ids
from shared.jobs.model import Kind, NewJob, NewUnit, Outcome, Queue
from shared.jobs.units import UnitStore


def single(**changes: object) -> NewJob:
    """Returns a job of one picture; `changes` are fields of it."""
    fields: dict[str, object] = {
        "id": ids.new_id(),
        "kind": Kind.CLASSIFICATION,
        "queue": Queue.CLASSIFY,
        "units": [NewUnit({"item": {"url": "http://example.org/é.jpg"}})],
        "spec": {"model": {"name": "pets", "version": None}},
        "single": True,
    }
    return NewJob(**(fields | changes))  # type: ignore[arg-type]


def two_chunks(**changes: object) -> NewJob:
    """Returns a list of four pictures in two units."""
    chunks = [NewUnit({"input": "a"}, first=0, count=2), NewUnit({"input": "b"}, first=2, count=2)]
    return single(single=False, queue=Queue.BATCH, units=chunks, total=4, **changes)


def run(units: UnitStore, unit_id: str, outcome: Outcome) -> None:
    """Does a worker's part: claims a unit and ends it."""
    claim = units.claim(unit_id, "token")
    assert claim is not None
    assert units.finish(unit_id, claim.attempt, outcome)
