"""Removes the files of jobs whose time is over."""

from __future__ import annotations

import time
from typing import Any

from redis import Redis

from shared.jobs import files, keys
from shared.jobs.scripts import Scripts
from shared.storage import Storage

EVERY_S = 30.0
MOST_AT_ONCE = 500


class Purge:
    """Takes expired jobs off the indexes, then removes their files, then forgets them."""

    def __init__(self, redis: Redis, storage: Storage) -> None:
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._storage = storage
        self._next = 0.0

    def round(self) -> int:
        """Purges, at most every half minute; returns how many jobs went."""
        if time.monotonic() < self._next:
            return 0
        self._next = time.monotonic() + EVERY_S
        due = self._scripts.run("expire", MOST_AT_ONCE)
        for job_id in due:
            self._storage.delete(files.folder(job_id))
            self._redis.zrem(keys.EXPIRING, job_id)
        if len(due) == MOST_AT_ONCE:
            self._next = 0.0
        return len(due)
