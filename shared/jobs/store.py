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
from shared.jobs.model import FINAL, Job, Json, Kind, NewJob, Status
from shared.jobs.scripts import Scripts

IDEMPOTENCY_TTL_MS = 24 * 3600 * 1000


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
            json.dumps(_new_job_fields(new)),
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
            return Created(_just_created(new, int(value) / 1000), replayed=False)
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
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.job(job_id))
            pipe.hgetall(keys.counts(job_id))
            record, counts = pipe.execute()
        if record:
            return _to_job(record, counts)
        raise self._missing(job_id)

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
        top = f"({cursor}" if cursor else "+"
        job_ids = self._redis.zrevrangebylex(index, top, "-", start=0, num=limit + 1)
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in job_ids[:limit]:
                pipe.hgetall(keys.job(job_id))
                pipe.hgetall(keys.counts(job_id))
            answers = pipe.execute()
        # A record may run out between the two reads; the scheduler takes it off the index soon.
        jobs = [_to_job(r, c) for r, c in zip(answers[::2], answers[1::2], strict=True) if r]
        return Page(jobs, job_ids[limit - 1] if len(job_ids) > limit else None)

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

    def unit_ids(self, job_id: str) -> list[str]:
        """Returns the ids of a job's units in the order of their items."""
        return [f"{job_id}:{number}" for number in self._redis.zrange(keys.units(job_id), 0, -1)]

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


def _new_job_fields(new: NewJob) -> Json:
    fields: Json = {
        "id": new.id,
        "kind": new.kind,
        "queue": new.queue,
        "single": new.single,
        "total": new.total,
        "spec": json.dumps(new.spec),
        "units": [
            {"payload": json.dumps(unit.payload), "first": unit.first, "count": unit.count} for unit in new.units
        ],
    }
    if new.max_failure_rate is not None:
        # As text: Lua would cut its digits.
        fields["max_failure_rate"] = repr(new.max_failure_rate)
    return fields


def ended_job(told: str) -> Job:
    """Returns the job whose end was told by a message, from the record in it."""
    # Lua's empty table is an object in JSON.
    record, counts = (dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {} for flat in json.loads(told))
    return _to_job(record, counts)


def _just_created(new: NewJob, now: float) -> Job:
    return Job(
        id=new.id,
        kind=new.kind,
        single=new.single,
        status=Status.QUEUED,
        created_at=now,
        started_at=None,
        finished_at=None,
        attempt=1,
        progress={"done": 0, "failed": 0, "total": new.total},
        result=None,
        error=None,
        spec=new.spec,
    )


def _to_job(record: dict[str, str], counts: dict[str, str]) -> Job:
    spec = json.loads(record["spec"])
    progress = {name: int(record[name]) for name in ("done", "failed", "total")}
    if "progress" in record:
        progress |= json.loads(record["progress"])
    result = json.loads(record.get("result") or "null")
    status = Status(record["status"])
    if result is None and status in FINAL and Kind(record["kind"]) is Kind.CLASSIFICATION and record["single"] == "0":
        result = _list_result(progress, counts, spec)
    return Job(
        id=record["id"],
        kind=Kind(record["kind"]),
        single=record["single"] == "1",
        status=status,
        created_at=int(record["created_at"]) / 1000,
        started_at=_seconds(record.get("started_at")),
        finished_at=_seconds(record.get("finished_at")),
        attempt=int(record["attempt"]),
        progress=progress,
        result=result,
        error=json.loads(record.get("error") or "null"),
        spec=spec,
    )


def _list_result(progress: Json, counts: dict[str, str], spec: Json) -> Json:
    return {
        "items": progress["total"],
        "succeeded": progress["done"] - progress["failed"],
        "failed": progress["failed"],
        "labels": {name[2:]: int(n) for name, n in sorted(counts.items()) if name.startswith("l:")},
        "errors": {name[2:]: int(n) for name, n in sorted(counts.items()) if name.startswith("e:")},
        "below_threshold": int(counts.get("below_threshold", 0)),
        "model": spec.get("model"),
    }


def _to_list_unit(first: str, count: str, payload: str, results: str | None) -> ListUnit:
    return ListUnit(int(first), int(count), json.loads(payload), results)


def _seconds(milliseconds: str | None) -> float | None:
    return int(milliseconds) / 1000 if milliseconds else None
