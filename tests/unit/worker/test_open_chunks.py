"""Chunks taken on one after the other, on a real Redis."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from redis import Redis

from shared.ids import new_id
from shared.jobs import keys
from shared.jobs.files import input_path
from shared.jobs.lost import crashed_outcome
from shared.jobs.model import Kind, NewJob, NewUnit, Queue, Status
from shared.jobs.runner import Runner
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.storage import Storage
from tests.support import origins
from tests.support.origins import Origin
from tests.support.pictures import encode
from worker import open_chunks
from worker.chunk import ChunkWork
from worker.decoder import Decoder
from worker.host_pool import HostPool
from worker.open_chunks import OpenChunks
from worker.pictures import Pictures
from worker.pipeline import Pipeline

DARK = encode(".jpg", np.full((60, 90, 3), 5, np.uint8))
SPEC = {"model": {"name": "pets", "version": 1}, "top_k": 5, "threshold": None}


class Lists:
    """A worker's chunks, and the jobs that they are of."""

    def __init__(self, redis: Redis, storage: Storage, pipeline: Pipeline, decoder: Decoder, per_host: int) -> None:
        self._storage = storage
        self.jobs = JobStore(redis, ttl_s=60, max_queued_items=1000)
        self._redis: Any = redis
        self.runner = Runner(UnitStore(redis), crashed=lambda claim: crashed_outcome(storage, claim))
        pictures = Pictures(decoder, storage, keep=False)
        self.chunks = OpenChunks(self.runner, ChunkWork(pipeline, storage, pictures, HostPool(16, per_host)))

    def create(self, *urls: str) -> str:
        job_id = new_id()
        lines = [json.dumps({"index": index, "url": url}) for index, url in enumerate(urls)]
        self._storage.write_bytes(input_path(job_id, 0), "\n".join(lines).encode())
        unit = NewUnit({"input": input_path(job_id, 0), "base": 0}, first=0, count=len(urls))
        self.jobs.create(NewJob(job_id, Kind.CLASSIFICATION, Queue.BATCH, [unit], SPEC, total=len(urls)))
        self._redis.delete(keys.PREFIX + Queue.BATCH)
        return job_id

    @property
    def sent(self) -> int:
        """How many messages lie in the queue."""
        return int(self._redis.llen(keys.PREFIX + Queue.BATCH))

    def wait(self, job_id: str) -> dict[str, Any]:
        give_up = time.monotonic() + 10
        while (job := self.jobs.get(job_id)).status not in {Status.SUCCEEDED, Status.CANCELED}:
            assert time.monotonic() < give_up, job
            time.sleep(0.02)
        assert job.result
        return job.result


@pytest.fixture
def lists(redis: Redis, storage: Storage, pipeline: Pipeline, decoder: Decoder) -> Lists:
    return Lists(redis, storage, pipeline, decoder, per_host=2)


def test_the_next_chunk_is_taken_while_a_slow_item_is_coming(lists: Lists, origin: Origin) -> None:
    origin.on("/dark", origins.serve(DARK))
    origin.on("/slow", origins.slow(1, origins.serve(DARK)))
    slow, quick = lists.create(origin.url("/slow")), lists.create(origin.url("/dark"))
    started = time.monotonic()
    for job_id in (slow, quick):
        lists.chunks.take(f"{job_id}:0")
    assert lists.wait(quick)["succeeded"] == 1
    assert time.monotonic() - started < 1
    assert lists.wait(slow)["succeeded"] == 1


def test_a_chunk_is_not_taken_while_the_last_has_not_begun(lists: Lists, origin: Origin) -> None:
    origin.on("/slow", origins.slow(0.5, origins.serve(DARK)))
    job_id = lists.create(*[origin.url("/slow")] * 4)
    started = time.monotonic()
    lists.chunks.take(f"{job_id}:0")
    assert time.monotonic() - started > 0.4
    assert lists.wait(job_id)["succeeded"] == 4


def test_a_chunk_that_waits_for_a_slow_host_is_left_waiting(
    lists: Lists, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_chunks, "PATIENCE_S", 0.1)
    origin.on("/slow", origins.slow(1, origins.serve(DARK)))
    job_id = lists.create(*[origin.url("/slow")] * 4)
    started = time.monotonic()
    lists.chunks.take(f"{job_id}:0")
    assert time.monotonic() - started < 1
    assert lists.wait(job_id)["succeeded"] == 4


def test_chunks_of_a_stopping_process_are_sent_back(lists: Lists, origin: Origin) -> None:
    origin.on("/silent", origins.silent())
    job_id = lists.create(*[origin.url("/silent")] * 2)
    lists.chunks.take(f"{job_id}:0")
    lists.runner.keeper.stop()
    give_up = time.monotonic() + 2
    while not lists.sent:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    assert lists.sent == 1
