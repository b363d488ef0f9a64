"""Gives units whose worker died to others, and writes the end of those that died too often."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from threading import Lock
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


class Reaper:
    """One round every second, in the scheduler. It waits for Redis alone; the ends it finds are written beside it.

    Args:
        epitaph: makes the outcome of a unit whose last attempt was lost.
    """

    def __init__(self, redis: Redis, *, epitaph: Callable[[Claim], Outcome]) -> None:
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._units = UnitStore(redis)
        self._epitaph = epitaph
        # Units whose end is yet to be written, with the attempt under which the reaper holds each.
        self._dead: set[tuple[str, int]] = set()
        self._lock = Lock()

    def round(self) -> None:
        """Finds lost work, and sends it again if it may be tried again."""
        self._hold()
        limits = (int(LEASE_S * 1000), QUIET_MS, PATIENCE_MS, LOSSES_ALLOWED, MOST_AT_ONCE, PART_ITEMS)
        sent, dead = self._scripts.run("reap", *limits, *tokens.orphans(self._held()))
        if sent:
            log.info("sent %d units to their queues again", sent)
        with self._lock:
            self._dead.update((unit_id, int(attempt)) for unit_id, attempt in dead)

    def write_ends(self) -> None:
        """Writes the ends of what may not be tried again, to storage, too, which may take its time."""
        for unit_id, attempt in self._unwritten():
            try:
                self._bury(unit_id, attempt)
            except Exception:
                # The reaper's hold on the unit runs out and a later round tries again; the others need not wait.
                log.exception("could not write the end of unit %s", unit_id)
            finally:
                self._drop((unit_id, attempt))

    def _hold(self) -> None:
        """Renews the hold on units whose end is yet to be written; forgets those that are somebody else's by now."""
        held = self._unwritten()
        if not held:
            return
        for unit, answer in zip(held, self._units.renew(held), strict=True):
            if answer == "lost":
                self._drop(unit)

    def _unwritten(self) -> list[tuple[str, int]]:
        with self._lock:
            return sorted(self._dead)

    def _drop(self, unit: tuple[str, int]) -> None:
        with self._lock:
            self._dead.discard(unit)

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
