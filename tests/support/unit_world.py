"""Jobs and their units on a real Redis, without workers. Time is moved by ageing the records."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from redis import Redis

from shared import ids
from shared.jobs import keys, tokens
from shared.jobs.model import Claim, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.reaper import Reaper
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore


class UnitWorld:
    """A store, its units, a reaper and a record of what was sent to the queues."""

    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis
        self.jobs = JobStore(redis, ttl_s=60, max_queued_items=1000)
        self.units = UnitStore(redis)
        self.reaper = Reaper(redis, epitaph=epitaph)

    @property
    def sent(self) -> list[tuple[Queue, str]]:
        """What lies in the queues, oldest first."""
        return [(queue, unit) for queue in Queue for unit in reversed(self.messages(queue))]

    def messages(self, queue: Queue) -> list[str]:
        texts = self.redis.lrange(keys.PREFIX + queue, 0, -1)
        return [json.loads(json.loads(text)["body"])[0][0] for text in texts]

    def take_all(self) -> None:
        """Empties the queues, as workers do."""
        self.redis.delete(*(keys.PREFIX + queue for queue in Queue))

    def create(self, *counts: int) -> list[str]:
        firsts = [sum(counts[:n]) for n in range(len(counts))]
        new_units = [NewUnit({"n": n}, first=f, count=c) for n, (f, c) in enumerate(zip(firsts, counts, strict=True))]
        single = counts == (1,)
        queue = Queue.CLASSIFY if single else Queue.BATCH
        job_id = ids.new_id()
        self.jobs.create(
            NewJob(
                job_id, Kind.CLASSIFICATION, queue, new_units, spec={"single": single}, single=single, total=sum(counts)
            )
        )
        self.take_all()
        return [f"{job_id}:{n}" for n in range(len(counts))]

    def claim(self, unit_id: str, token: str = "token") -> Claim:
        claim = self.units.claim(unit_id, token)
        assert claim is not None
        return claim

    def let_wait(self, unit_ids: list[str]) -> None:
        """Has the reaper send units whose messages were lost, in this order."""
        self.redis.zadd(keys.waiting("classify"), {unit_id: n for n, unit_id in enumerate(unit_ids)})
        self.reaper.round()

    def expire(self, unit_id: str) -> None:
        self.redis.zadd(keys.LEASES, {unit_id: 1})

    def kill(self, *unit_ids: str) -> None:
        """Has the units claimed by a process that was here and is dead."""
        for unit_id in unit_ids:
            self.redis.hset(keys.unit(unit_id), "token", dead_token())

    def lose(self, unit_id: str) -> None:
        self.claim(unit_id)
        self.expire(unit_id)
        self.reap()

    def reap(self) -> None:
        """Finds what is lost, and writes the ends of what may not be tried again."""
        self.reaper.round()
        self.reaper.write_ends()


def epitaph(claim: Claim) -> Outcome:
    error = {"code": "worker_lost", "message": "lost"}
    status = Status.FAILED if claim.spec["single"] else None
    return Outcome(done=claim.count, failed=claim.count, status=status, error=error, errors={"worker_lost": 1})


def dead_token() -> str:
    """Returns the token of a process that was here and is dead."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return f"word {tokens.place()} {process.pid}"
