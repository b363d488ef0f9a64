"""Tells webhooks of promotions, whoever promoted: a request, a page, a training, or the way back.

A promotion is one write in storage, which no script of Redis can be part of. So nothing is sent where it happens: the
pointers are read here, and what was told last stands in Redis. Whoever dies in between, none is missed or told twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from shared.errors import LoupeError
from shared.jobs import keys
from shared.jobs.webhooks import Promotion, WebhookStore, receiver
from shared.pointers import Pointers
from shared.registry import Period, Registry
from shared.schemas.base import rfc3339
from shared.schemas.event import PromotedVersion

log = logging.getLogger(__name__)

EVERY_S = 1.0
# A mover that dies right after its move tells nobody of it; so storage is looked at now and then all the same.
LOOK_EVERY_S = 30.0
# The stamp of the newest promotion of each model that was dealt with.
NOTED = keys.PREFIX + "promotions"
# No model's name; it is there once the models of an older Loupe, or of an emptied Redis, were noted without a word.
BEGUN = "*"


class Promotions:
    """Looks for promotions."""

    def __init__(self, redis: Redis, registry: Registry, pointers: Pointers) -> None:
        self._redis: Any = redis
        self._registry = registry
        self._pointers = pointers
        self._store = WebhookStore(redis)
        self._seen: str | None = None
        self._next_look = 0.0

    def round(self) -> None:
        """Looks at storage if a pointer was moved, or if that was long ago."""
        moves = self._pointers.moves()
        if moves == self._seen and time.monotonic() < self._next_look:
            return
        self.look()
        self._seen, self._next_look = moves, time.monotonic() + LOOK_EVERY_S

    def look(self) -> None:
        """Tells of every promotion since the last look. The first look at all only notes what it finds."""
        noted: dict[str, str] = self._redis.hgetall(NOTED)
        for name, served in self._registry.all_served().items():
            stamp = _stamp(served.promoted_at)
            if BEGUN not in noted:
                self._redis.hset(NOTED, name, stamp)
            elif noted.get(name) != stamp:
                self._tell(name, noted.get(name, ""))
        self._redis.hset(NOTED, BEGUN, "")

    def _tell(self, name: str, noted: str) -> None:
        periods = self._registry.periods(name)
        stamps = [_stamp(period.since) for period in periods]
        # Where the last one told cannot be found any more, only the newest is news.
        new = stamps.index(noted) if noted in stamps else (1 if noted else len(stamps))
        for place in reversed(range(new)):
            if not self._store.promoted(name, noted, stamps[place], self._event(name, periods, place)):
                return
            noted = stamps[place]

    def _event(self, name: str, periods: Sequence[Period], place: int) -> Promotion | None:
        period, before = periods[place], periods[place + 1] if place + 1 < len(periods) else None
        try:
            job_id = self._registry.manifest(name, period.version).job_id
            url = self._registry.webhook(name, period.version)
            if url is not None:
                # One that was damaged would be refused below, at every look, and keep the models behind it waiting.
                receiver(url)
        except LoupeError as error:
            if error.transient:
                raise
            log.warning("nobody is told of the promotion of %s v%d: %s", name, period.version, error)
            return None
        if url is None:
            return None
        told = PromotedVersion(
            name=name,
            version=period.version,
            previous_version=before.version if before else None,
            promoted_at=rfc3339(period.since.timestamp()) or "",
            reason=before.refused if before else None,
            job_id=job_id,
        )
        return Promotion(
            id=f"msg_{job_id}_{_stamp(period.since)}",
            at=period.since.timestamp(),
            job_id=job_id,
            url=url,
            content=told.model_dump_json(),
        )


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"
