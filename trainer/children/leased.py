"""What a child says, passed on: its progress into the job's record, its signs of life to the unit's lease."""

from __future__ import annotations

import logging

from redis.exceptions import RedisError

from shared.jobs.lease import Lease
from shared.jobs.units import UnitStore
from trainer.children.listen import Event

log = logging.getLogger(__name__)


def hear(units: UnitStore, lease: Lease, event: Event) -> None:
    """Passes one event of a child on."""
    if event["event"] == "waiting":
        lease.allow(event["seconds"])
        return
    lease.advance()
    progress = {name: value for name, value in event.items() if name != "event"}
    try:
        units.progress(lease.unit_id, lease.attempt, progress)
    except RedisError as error:
        # The work goes on without a listener; its outcome is what has to arrive.
        log.warning("progress of unit %s is not written: %s", lease.unit_id, error)
