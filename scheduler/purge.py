"""Removes the files of jobs whose time is over."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from redis import Redis

from shared.errors import StorageUnavailable
from shared.ids import created_ms
from shared.jobs import files, keys
from shared.jobs.model import Status
from shared.jobs.scripts import Scripts
from shared.storage import Storage
from shared.uploads import LIFE_S, Uploads, folder

log = logging.getLogger(__name__)

EVERY_S = 30.0
MOST_AT_ONCE = 500
# For how long a round takes one batch after the other: uploads are to be forgotten, too, however many jobs are due.
MOST_S = 30.0
# When files that could not be removed are tried again.
AGAIN_MS = 60_000
# How often storage is looked through for files without a job, and for those that were never written to their end; how
# old the job must be, or the last write to the file: far older than any request that is still storing them.
SWEEP_EVERY_S = 3600.0
ORPHAN_AFTER_S = 24 * 3600
OVERLAP_MS = 120_000


class Purge:
    """Takes expired jobs off the indexes, then removes their files, then forgets them.

    Args:
        keep_images: whether uploads of ended jobs stay until their job goes.
        ttl_s: how long a job stays after its end.
    """

    def __init__(self, redis: Redis, storage: Storage, *, keep_images: bool, ttl_s: int) -> None:
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._storage = storage
        self._keep_images = keep_images
        self._ttl_ms = ttl_s * 1000
        self._forgotten_until_ms = 0
        self._next_sweep = 0.0

    def round(self) -> int:
        """Purges what is due; returns how many jobs that were."""
        due = self._purge()
        if not self._keep_images:
            self._forget_uploads()
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_EVERY_S
            self._sweep()
        return due

    def _purge(self) -> int:
        """Purges one batch after the other: more jobs may be due than one holds. Returns how many there were."""
        until, count = time.monotonic() + MOST_S, 0
        while True:
            due = self._scripts.run("expire", MOST_AT_ONCE, AGAIN_MS)
            removed = [job_id for job_id in due if self._removed(*files.paths(job_id))]
            if removed:
                self._redis.zrem(keys.EXPIRING, *removed)
            count += len(due)
            # Where nothing can be removed, storage is away, and the next ones would fare no better.
            if len(due) < MOST_AT_ONCE or not removed or time.monotonic() >= until:
                return count

    def _removed(self, *paths: str) -> bool:
        try:
            for path in paths:
                self._storage.delete(path)
        except StorageUnavailable as error:
            # What cannot be removed must not keep all others.
            log.warning("%s stays for now: %s", path, error)
            return False
        return True

    def _forget_uploads(self) -> None:
        """Removes the uploads of jobs that ended since the last round, however they ended.

        Workers remove them as soon as an outcome stands; what was canceled, lost or cut off in between is left to this.
        """
        now_ms = int(time.time() * 1000)
        ended = self._redis.zrangebyscore(keys.EXPIRING, self._forgotten_until_ms + self._ttl_ms, "+inf")
        for job_id in ended:
            self._removed(files.uploads(job_id))
        # Some overlap: the clocks of Redis and of this machine need not agree to the second.
        self._forgotten_until_ms = now_ms - OVERLAP_MS

    def _sweep(self) -> None:
        """Removes the files of requests that stored them and then could not record their job, and of half a write."""
        until_ms = (time.time() - ORPHAN_AFTER_S) * 1000
        stored = (files.job_of(name) for name in self._storage.names(files.ROOT))
        old = (job_id for job_id in stored if (created_ms(job_id) or until_ms) < until_ms)
        while batch := list(islice(old, MOST_AT_ONCE)):
            for job_id in self._unknown(batch):
                self._removed(*files.paths(job_id))
        self._sweep_uploads()
        self._storage.remove_parts(ORPHAN_AFTER_S)

    def _unknown(self, job_ids: Sequence[str]) -> list[str]:
        """Returns those jobs that Redis knows nothing of. It is asked once: a round trip each held purging up."""
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.exists(keys.job(job_id))
                pipe.zscore(keys.EXPIRING, job_id)
            answers = pipe.execute()
        known = zip(job_ids, answers[::2], answers[1::2], strict=True)
        return [job_id for job_id, there, due in known if not there and due is None]

    def _sweep_uploads(self) -> None:
        """Removes folders that nobody finished sending, or whose import ended without removing them."""
        for upload_id in Uploads(self._storage).ids():
            if (created_ms(upload_id) or 0) / 1000 + LIFE_S < time.time() and not self._in_use(upload_id):
                self._removed(folder(upload_id))

    def _in_use(self, upload_id: str) -> bool:
        """Says whether the import of an upload has yet to end; the job has its id."""
        status = self._redis.hget(keys.job(upload_id), "status")
        return status is not None and not Status(status).final
