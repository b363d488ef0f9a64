"""The job record as clients and the API see it: create, read, list, cancel, delete."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared import errors, ids
from shared.jobs import keys
from shared.jobs.model import Job, Json, Kind, NewJob, Status
from shared.jobs.record import fields_of, job_of, just_created, page_of
from shared.jobs.scripts import Scripts

IDEMPOTENCY_TTL_MS = 24 * 3600 * 1000
# Jobs with long results must not hold Redis up for others.
READ_AT_ONCE = 100


@dataclass(frozen=True)
class Created:
    """What a create came to; `replayed` when an earlier request with the same Idempotency-Key made the job."""

    job: Job
    replayed: bool


@dataclass(frozen=True)
class Page:
    """One page of a listing; `next_cursor` is None on the last."""

    jobs: list[Job]
    next_cursor: str | None


@dataclass(frozen=True)
class ListUnit:
    """A unit of a list, for who reads its results.

    Attributes:
        first: the number of its first line.
        payload: says where its lines lie, see `shared/jobs/chunks.py`.
        results: where its outcomes lie; None while there are none.
    """

    first: int
    count: int
    payload: Json
    results: str | None


class JobStore:
    """Job records in Redis. Every change is one Lua script, so a record is never half changed.

    Args:
        redis: a client that decodes answers to text.
        ttl_s: how long a job stays after its end.
        max_queued_items: above this many open items nothing more is taken.
    """

    def __init__(self, redis: Redis, *, ttl_s: int, max_queued_items: int) -> None:
        # redis-py types every answer as bytes or text; this client decodes, so they are text.
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._ttl_s = ttl_s
        self._max_queued_items = max_queued_items

    def create(self, new: NewJob) -> Created:
        """Creates a job, its units and their messages at once: from here on it is accepted and will be done.

        Raises:
            IdempotencyMismatch: the key came before with other content.
            QueueFull: too many items wait.
        """
        idempotency = new.idempotency
        answer, value = self._scripts.run(
            "create",
            json.dumps(fields_of(new)),
            self._max_queued_items,
            self._ttl_s * 1000,
            idempotency.key if idempotency else "",
            idempotency.fingerprint if idempotency else "",
            IDEMPOTENCY_TTL_MS,
        )
        if answer == "mismatch":
            raise errors.IdempotencyMismatch(
                "This Idempotency-Key came before with other content. Send a new key for a new request."
            )
        if answer == "full":
            raise self._full(int(value))
        if answer == "created":
            return Created(just_created(new, int(value) / 1000), replayed=False)
        return Created(self.get(value), replayed=answer == "replayed")

    def open_items(self) -> int:
        """Returns how many items have no outcome yet."""
        return int(self._redis.get(keys.OPEN_ITEMS) or 0)

    def check_room(self, items: int) -> None:
        """Says whether a job of so many items would be taken now, before anything is stored for it.

        Raises:
            QueueFull: too many items wait.
        """
        waiting = self.open_items()
        if waiting > 0 and waiting + items > self._max_queued_items:
            raise self._full(waiting)

    def get(self, job_id: str) -> Job:
        """Returns a job.

        Raises:
            JobNotFound: for any id that is not known.
            JobExpired: for an id so old that its job would be gone.
        """
        if ids.created_ms(job_id) is None:
            # Not only an unknown id: `{id}:units` would be the name of another key.
            raise self._missing(job_id)
        told = self._scripts.run("read", job_id)
        if told is None:
            raise self._missing(job_id)
        return job_of(told)

    def there(self, job_ids: Sequence[str]) -> set[str]:
        """Returns those of some ids whose job has neither been deleted nor expired."""
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.exists(keys.job(job_id))
            return {job_id for job_id, found in zip(job_ids, pipe.execute(), strict=True) if found}

    def page(
        self,
        *,
        kind: Kind | None = None,
        status: Status | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page:
        """Returns jobs, newest first, starting after `cursor`, which is the last id of the page before."""
        index = keys.index(kind, status)
        jobs: list[Job] = []
        for done in range(0, limit, READ_AT_ONCE):
            begin, most = f"({cursor}" if cursor else "+", min(limit - done, READ_AT_ONCE)
            cursor, found = page_of(self._scripts.run("page", index, begin, most))
            jobs += found
            if cursor is None:
                break
        return Page(jobs, cursor)

    def cancel(self, job_id: str, options: Json | None = None) -> Job:
        """Asks a job to stop: what waits is closed at once, what runs is told at its next renewal.

        Raises:
            JobFinished: the job has ended.
            JobNotFound, JobExpired: as for `get`.
        """
        self.get(job_id)
        answer = self._scripts.run("cancel", job_id, json.dumps(options) if options else "")
        if answer == "finished":
            raise errors.JobFinished(f"Job {job_id} has already ended; there is nothing to cancel.")
        return self.get(job_id)

    def delete(self, job_id: str) -> None:
        """Forgets a job that has ended; its files are the caller's to remove.

        Raises:
            JobNotFinished: the job has not ended.
            JobNotFound, JobExpired: as for `get`.
        """
        self.get(job_id)
        answer = self._scripts.run("delete", job_id)
        if answer == "unknown":
            raise self._missing(job_id)
        if answer == "running":
            raise errors.JobNotFinished(f"Job {job_id} has not ended yet. Cancel it first, or wait for its end.")

    def list_units(self, job_id: str, line: int, most: int | None) -> list[ListUnit]:
        """Returns units of a list in the order of their lines, from the one that holds a line on.

        Args:
            most: how many at most; None for all.
        """
        units = keys.units(job_id)
        begin = self._redis.zrevrangebyscore(units, line, "-inf", start=0, num=1, withscores=True)
        from_line = int(begin[0][1]) if begin else 0
        limits = {} if most is None else {"start": 0, "num": most}
        found = self._redis.zrangebyscore(units, from_line, "+inf", **limits)
        with self._redis.pipeline(transaction=False) as pipe:
            for number in found:
                pipe.hmget(keys.unit(f"{job_id}:{number}"), "first", "count", "payload", "results")
            # A unit of an expired job may be gone between the two reads.
            answers = [answer for answer in pipe.execute() if answer[0] is not None]
        listed = [_to_list_unit(*answer) for answer in answers]
        return [unit for unit in listed if unit.first + unit.count > line]

    def _full(self, waiting: int) -> errors.QueueFull:
        return errors.QueueFull(
            f"{waiting} items are waiting and at most {self._max_queued_items} may. Try again when some are done."
        )

    def _missing(self, job_id: str) -> errors.LoupeError:
        created = ids.created_ms(job_id)
        if created is not None and created / 1000 < time.time() - self._ttl_s:
            return errors.JobExpired(f"Job {job_id} is older than the {self._ttl_s} seconds for which jobs are kept.")
        return errors.JobNotFound(f"There is no job {job_id[:64]!r}.")


def _to_list_unit(first: str, count: str, payload: str, results: str | None) -> ListUnit:
    return ListUnit(int(first), int(count), json.loads(payload), results)
