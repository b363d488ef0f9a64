"""Fires schedules when they are due, and takes their runs further."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from redis.exceptions import RedisError

from shared.errors import LoupeError, StorageUnavailable
from shared.schedules.record import Schedule
from shared.schedules.runs import Runs
from shared.schedules.store import ScheduleStore

log = logging.getLogger(__name__)

EVERY_S = 1.0
# Another scheduler takes over within 10 s. What is later than that, and some, was due while none was there.
LATE_S = 15.0


class Schedules:
    """One round looks at every schedule.

    Args:
        now: seconds since 1970.
    """

    def __init__(self, store: ScheduleStore, runs: Runs, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._runs = runs
        self._now = now

    def round(self) -> None:
        """Takes every run further, and begins those that are due."""
        self._store.save_unsaved()
        for schedule in self._store.all():
            try:
                self._tend(schedule)
            except (RedisError, StorageUnavailable):
                # The next schedule would fare no better.
                raise
            except LoupeError as error:
                log.warning("schedule %s waits: %s", schedule.name, error)
            except Exception:
                log.exception("schedule %s failed unexpectedly", schedule.name)

    def _tend(self, schedule: Schedule) -> None:
        schedule = self._runs.advance(schedule)
        now = self._now()
        slot = due(schedule, now)
        if slot is None:
            return
        begun = self._runs.begin(schedule, now, due_at=slot, late=now - slot > LATE_S)
        if begun is not None:
            self._runs.advance(begun)


def due(schedule: Schedule, now: float) -> float | None:
    """Returns the first slot that is to be dealt with, None if there is none yet.

    Slots that follow it and are past, too, had no scheduler: they are caught up with it by one run.
    """
    if schedule.paused:
        return None
    slot = schedule.timetable.next_after(schedule.dealt_until)
    return slot if slot is not None and slot <= now else None
