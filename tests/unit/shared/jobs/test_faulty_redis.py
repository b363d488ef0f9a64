"""Every change of the job record may be sent again: the API, workers and the reaper on connections that fail.

5 % of all exchanges time out, 5 % break, and 5 % are carried out although their answer is lost.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared import ids, items
from shared.items import ItemInput
from shared.jobs import keys, reaper, runner
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Job, Kind, NewJob, NewUnit, Outcome, Queue
from shared.jobs.reaper import Reaper
from shared.jobs.runner import Runner
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.redis_client import connect
from shared.settings import Settings
from tests.support.api_world import URL, ApiWorld, cat
from tests.support.faulty_redis import WAYS, Dice, make_faulty
from tests.support.redis_server import RedisServer

SINGLES = 300
LISTS = 20
CHUNKS = 6
CHUNK = 8


class Hands:
    """Workers of both queues and a reaper, all on faulty connections, and how often each unit was started."""

    def __init__(self, settings: Settings, redis: Redis, dice: Dice) -> None:
        self._queues: Any = redis
        self._stop = threading.Event()
        self.starts: Counter[str] = Counter()
        faulty = connect(settings, timeout_s=5)
        make_faulty(faulty, dice)
        self._runner = Runner(UnitStore(faulty), crashed=lambda claim: pytest.fail(f"{claim} crashed"))
        self._reaper = Reaper(faulty, epitaph=lambda claim: pytest.fail(f"{claim} was given up"))

    def work(self, queue: Queue) -> None:
        """Takes messages as Celery does, until it is told to stop."""
        while not self._stop.is_set():
            message = self._queues.brpop(keys.PREFIX + queue, timeout=1)
            if message:
                unit_id = re.search(r'"\[\[\\"([^\\]+)', message[1])
                assert unit_id, message
                self._runner.run(unit_id[1], self._classify, queue)

    def reap(self) -> None:
        """Has the reaper's rounds, quicker than it has them."""
        while not self._stop.wait(0.1):
            with suppress(RedisError):
                self._reaper.round()

    def stop(self) -> None:
        self._stop.set()

    def _classify(self, claim: Claim, lease: Lease) -> Outcome:
        self.starts[claim.unit_id] += 1
        if claim.count == 1:
            return items.single_outcome(cat(ItemInput(url=URL), 0.9))
        return Outcome(done=claim.count, failed=1, labels={"cat": claim.count - 1}, errors={"http_status": 1})


@contextmanager
def running(hands: Hands) -> Iterator[None]:
    with ThreadPoolExecutor(7) as pool:
        threads = [pool.submit(hands.work, queue) for queue in [Queue.CLASSIFY, Queue.BATCH] for _ in range(3)]
        threads.append(pool.submit(hands.reap))
        try:
            yield
        finally:
            hands.stop()
    for thread in threads:
        thread.result()


def until_it_works(operation: Callable[[], Any]) -> Any:
    """Does what a careful caller does: again, until it is told that it is done."""
    while True:
        with suppress(RedisError):
            return operation()


def post_until_accepted(world: ApiWorld, key: str) -> str:
    """Sends a picture again and again under one key, and returns the job's id."""
    while True:
        answer = world.post(json={"url": URL}, headers={"Idempotency-Key": key})
        assert answer.status_code in {200, 202, 503}, answer.text
        if answer.status_code != 503:
            return str(json.loads(answer.text)["id"])


def create_list(jobs: JobStore) -> str:
    """Creates a list, sending the same record until it is told that it is there."""
    units = [NewUnit({}, first=number * CHUNK, count=CHUNK) for number in range(CHUNKS)]
    spec = {"model": {"name": "pets", "version": 1}}
    new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.BATCH, units, spec=spec, total=CHUNK * CHUNKS)
    until_it_works(lambda: jobs.create(new))
    return new.id


def wait_for_ends(jobs: JobStore, job_ids: list[str]) -> list[Job]:
    deadline = time.monotonic() + 60
    while True:
        found = [jobs.get(job_id) for job_id in job_ids]
        if all(job.status.final for job in found):
            return found
        assert time.monotonic() < deadline, [job for job in found if not job.status.final]
        time.sleep(0.1)


def test_every_job_ends_once_though_answers_of_redis_are_lost(
    redis: Redis, redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an API, workers and a reaper whose connections fail, and who wait less long than they do
    monkeypatch.setattr(runner, "PAUSE_S", 0.02)
    monkeypatch.setattr(reaper, "PATIENCE_MS", 300)
    dice = Dice(seed=6)
    world = ApiWorld(redis, redis_server.url, tmp_path)
    world.publish()
    make_faulty(world.services.redis, dice)
    hands = Hands(world.settings, redis, dice)
    plain = JobStore(redis, ttl_s=600, max_queued_items=10_000)
    # When pictures and lists are sent until they are accepted
    with running(hands):
        singles = [post_until_accepted(world, f"key-{number}") for number in range(SINGLES)]
        lists = [create_list(world.services.jobs) for _ in range(LISTS)]
        ended = wait_for_ends(plain, singles + lists)
    # Then every job is there once and has its outcome, and no unit was started twice
    assert len(set(singles)) == SINGLES
    assert {job.id for job in plain.page(limit=10_000).jobs} == {*singles, *lists}
    assert {job.status.value for job in ended} == {"succeeded"}
    assert {job.attempt for job in ended} == {1}
    assert all(job.progress == {"done": 1, "failed": 0, "total": 1} for job in ended[:SINGLES])
    total = CHUNK * CHUNKS
    assert all(job.progress == {"done": total, "failed": CHUNKS, "total": total} for job in ended[SINGLES:])
    assert all((job.result or {})["labels"] == {"cat": total - CHUNKS} for job in ended[SINGLES:])
    assert set(hands.starts.values()) == {1}
    assert len(hands.starts) == SINGLES + LISTS * CHUNKS
    # And nothing is left open, and the dice did what they should
    assert plain.open_items() == 0
    assert not redis.zcard(keys.LEASES)
    assert min(dice.thrown[what] for what in WAYS) > 50
