"""How much work there is: what waits, for how long, and what is under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.jobs import keys
from shared.jobs.model import Kind, Queue, Status


@dataclass(frozen=True)
class QueueLoad:
    """What waits for the workers of one queue.

    Attributes:
        oldest_s: for how many seconds the unit has waited that waits longest; 0 when none does.
    """

    units: int
    oldest_s: float


@dataclass(frozen=True)
class Load:
    """All work at one moment.

    Attributes:
        leased: units that somebody works on.
        open_items: items without an outcome.
        leases_lost: leases whose unit was given to others, since Redis is there.
        jobs: how many jobs are stored, by kind and status.
        redis_bytes: memory that Redis uses; `redis_limit_bytes` is 0 where it has no limit.
    """

    queues: Mapping[Queue, QueueLoad]
    leased: int
    open_items: int
    leases_lost: int
    jobs: Mapping[tuple[Kind, Status], int]
    redis_bytes: int
    redis_limit_bytes: int


def read_load(redis: Redis) -> Load:
    """Returns how much work there is, in one round trip."""
    jobs = [(kind, status) for kind in Kind for status in Status]
    client: Any = redis
    with client.pipeline(transaction=False) as pipe:
        pipe.time().zcard(keys.LEASES).get(keys.OPEN_ITEMS).get(keys.LEASES_LOST).info("memory")
        for queue in Queue:
            # Units lost twice wait in a line of their own.
            pipe.zcard(keys.waiting(queue)).zrange(keys.waiting(queue), 0, 0, withscores=True)
            pipe.zcard(keys.suspects(queue))
        for kind, status in jobs:
            pipe.zcard(keys.index(kind, status))
        (seconds, micros), leased, open_items, lost, memory, *counts = pipe.execute()
    now_ms = seconds * 1000 + micros / 1000
    waits = [counts[3 * number : 3 * number + 3] for number in range(len(Queue))]
    return Load(
        queues={queue: _queue(now_ms, *wait) for queue, wait in zip(Queue, waits, strict=True)},
        leased=leased,
        open_items=int(open_items or 0),
        leases_lost=int(lost or 0),
        jobs=dict(zip(jobs, counts[3 * len(Queue) :], strict=True)),
        redis_bytes=int(memory["used_memory"]),
        redis_limit_bytes=int(memory.get("maxmemory", 0)),
    )


def _queue(now_ms: float, waiting: int, first: list[Any], suspects: int) -> QueueLoad:
    oldest_s = max(0.0, (now_ms - first[0][1]) / 1000) if first else 0.0
    return QueueLoad(waiting + suspects, oldest_s)
