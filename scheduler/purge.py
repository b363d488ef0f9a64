"""Removes the files of jobs whose time is over."""

from __future__ import annotations

import time
from typing import Any

from redis import Redis

from shared.ids import created_ms
from shared.jobs import files, keys
from shared.jobs.scripts import Scripts
from shared.storage import Storage

EVERY_S = 30.0
MOST_AT_ONCE = 500
# How often storage is looked through for files without a job, and how old their job must be: far older than any
# request that is still storing them.
SWEEP_EVERY_S = 3600.0
ORPHAN_AFTER_S = 24 * 3600


class Purge:
    """Takes expired jobs off the indexes, then removes their files, then forgets them."""

    def __init__(self, redis: Redis, storage: Storage) -> None:
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._storage = storage
        self._next = 0.0
        self._next_sweep = 0.0

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
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_EVERY_S
            self._sweep()
        return len(due)

    def _sweep(self) -> None:
        """Removes the files of requests that stored them and then could not record their job."""
        for job_id in self._storage.names(files.ROOT):
            created = created_ms(job_id)
            old = created is not None and created / 1000 < time.time() - ORPHAN_AFTER_S
            if old and not self._redis.exists(keys.job(job_id)) and self._redis.zscore(keys.EXPIRING, job_id) is None:
                self._storage.delete(files.folder(job_id))
