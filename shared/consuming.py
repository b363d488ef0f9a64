"""Notices that a worker lives and takes nothing from its queue, though work waits there."""

from __future__ import annotations

from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.jobs import keys
from shared.jobs.lease import LeaseKeeper
from shared.jobs.model import Queue

# Celery's consumer finds Redis again within seconds, and takes a message at once when it is idle.
PATIENCE_S = 60


class Consuming:
    """A check for the watchdog, which asks every second.

    Args:
        keeper: knows the units the process works on, and how many it ever took.
    """

    def __init__(self, redis: Redis, queue: Queue, keeper: LeaseKeeper) -> None:
        # redis-py types every answer as bytes or text.
        self._redis: Any = redis
        self._queue = queue
        self._keeper = keeper
        self._taken = 0
        self._idle_s = 0

    def __call__(self) -> str:
        """Returns a reason to end once messages have waited for long while this process neither worked nor took one."""
        idle = not self._keeper.busy and self._keeper.taken == self._taken and self._waiting()
        self._taken = self._keeper.taken
        self._idle_s = self._idle_s + 1 if idle else 0
        return f"it took nothing from the queue {self._queue} for {PATIENCE_S} s" if self._idle_s > PATIENCE_S else ""

    def _waiting(self) -> bool:
        try:
            return bool(self._redis.llen(keys.PREFIX + self._queue))
        except RedisError:
            # Nobody can take anything now.
            return False
