"""Gives units whose worker died to others, and writes the end of those that died too often."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.jobs import keys, tokens
from shared.jobs.model import LOSSES_ALLOWED, Claim, Kind, Outcome
from shared.jobs.scripts import Scripts
from shared.jobs.units import LEASE_S, UnitStore

log = logging.getLogger(__name__)

EVERY_S = 1.0
# Some missed rounds: then Redis or the reaper itself stood still.
QUIET_MS = 5_000
# How long a unit's message may be on its way from the queue to its claim. One that takes longer is sent a second time,
# which costs little: a unit is claimed once.
PATIENCE_MS = 1_000
MOST_AT_ONCE = 1_000
# So many items of a chunk that was lost are tried again together. What is lost a second time runs one by one.
PART_ITEMS = 8


@dataclass(frozen=True)
class Reaped:
    """What one round found: units sent again, and units whose end was written."""

    sent: int
    ended: int


class Reaper:
    """One round every second, in the scheduler.

    Args:
        epitaph: makes the outcome of a unit whose last attempt was lost.
    """

    def __init__(self, redis: Redis, *, epitaph: Callable[[Claim], Outcome]) -> None:
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._units = UnitStore(redis)
        self._epitaph = epitaph

    def round(self) -> Reaped:
        """Finds lost work and deals with it."""
        limits = (int(LEASE_S * 1000), QUIET_MS, PATIENCE_MS, LOSSES_ALLOWED, MOST_AT_ONCE, PART_ITEMS)
        sent, dead = self._scripts.run("reap", *limits, *tokens.orphans(self._held()))
        if sent:
            log.info("sent %d units to their queues again", sent)
        for unit_id, attempt in dead:
            try:
                self._bury(unit_id, int(attempt))
            except Exception:
                # The reaper's hold on the unit runs out and a later round tries again; the others need not wait.
                log.exception("could not write the end of unit %s", unit_id)
        return Reaped(sent, len(dead))

    def _held(self) -> list[str]:
        """Returns the tokens of the claims that hold a lease."""
        found = self._redis.sort(keys.LEASES, by="nosort", get=f"{keys.unit('*')}->token")
        return [token for token in found if token]

    def _bury(self, unit_id: str, attempt: int) -> None:
        job_id = unit_id.rpartition(":")[0]
        unit = self._redis.hgetall(keys.unit(unit_id))
        kind, spec = self._redis.hmget(keys.job(job_id), ["kind", "spec"])
        log.error("unit %s was lost %d times; it ends here", unit_id, LOSSES_ALLOWED)
        claim = Claim(
            unit_id=unit_id,
            job_id=job_id,
            attempt=attempt,
            payload=json.loads(unit["payload"]),
            first=int(unit["first"]),
            count=int(unit["count"]),
            kind=Kind(kind),
            spec=json.loads(spec),
        )
        self._units.finish(unit_id, attempt, self._epitaph(claim))
