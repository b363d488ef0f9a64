"""Jobs whose webhooks wait to be told, on a real Redis."""

from __future__ import annotations

from typing import Any

from redis import Redis

from scheduler.courier import Courier
from scheduler.webhooks import Webhooks
from shared import ids
from shared.fetch.fetcher import Fetcher
from shared.jobs.model import Json, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.jobs.webhooks import WebhookStore
from tests.support.receiver import SECRET

DONE = Outcome(status=Status.SUCCEEDED, result={"label": "cat"})


class WebhookWorld:
    """Jobs with webhooks, and a sender."""

    def __init__(self, redis: Redis, fetcher: Fetcher) -> None:
        self.redis: Any = redis
        self.jobs = JobStore(redis, ttl_s=60, max_queued_items=1000)
        self.units = UnitStore(redis)
        self.store = WebhookStore(redis, lease_s=30)
        self.courier = Courier(fetcher, SECRET)
        self.webhooks = Webhooks(self.store, self.courier.tell, per_host=2)

    def ended(self, url: str, outcome: Outcome = DONE) -> str:
        """Returns the id of a job that has just ended."""
        job_id = self.created(url)
        assert self.units.claim(f"{job_id}:0", "token") is not None
        assert self.units.finish(f"{job_id}:0", 1, outcome)
        return job_id

    def created(self, url: str | None, ttl_s: int = 60) -> str:
        spec: Json = {"model": {"name": "pets", "version": None}} | ({"webhook": url} if url else {})
        new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], spec, single=True)
        return JobStore(self.redis, ttl_s=ttl_s, max_queued_items=1000).create(new).job.id

    def tries(self, job_id: str) -> list[Json]:
        return list(self.jobs.get(job_id).tries)

    def tell(self, job_id: str, times: int = 1) -> list[Json]:
        """Tells so many times what waits, as a sender does but at once; returns all tries of a job."""
        for _ in range(times):
            self.hurry()
            event = self.store.claim("token")
            assert event is not None
            assert self.store.tried(self.courier.tell(event))
        return self.tries(job_id)

    def hurry(self) -> None:
        """Makes all that waits for its next try due."""
        for host in self.redis.zrange("loupe:webhooks", 0, -1):
            for event in self.redis.zrange(f"loupe:webhooks:{host}", 0, -1):
                self.redis.zadd(f"loupe:webhooks:{host}", {event: 1})
                self.redis.zadd("loupe:webhooks", {host: 1})

    def left(self) -> list[str]:
        """Returns the keys of events that wait."""
        return sorted(self.redis.keys("loupe:webhook*"))
