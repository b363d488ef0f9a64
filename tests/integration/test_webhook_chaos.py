"""No event is lost when senders are killed and frozen at random while they send, and none is told without need."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis import Redis

from shared import ids
from shared.jobs.model import Kind, NewJob, NewUnit, Queue
from shared.jobs.store import JobStore
from tests.support.launched import wait_until
from tests.support.loupe import ROOT
from tests.support.origins import flaky, silent, slow, status
from tests.support.receiver import PATH, Receiver
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.faults, pytest.mark.processes]

EVENTS = 300
LEASE_S = 1.5
# What is done to one of the senders while events wait for them: what else happens is only how fast the machine is.
HARM = [*["kill"] * 7, *["freeze"] * 3]


class Senders:
    """Two sender processes, of which now and then one is killed, or stands still for longer than its lease."""

    def __init__(self, url: str) -> None:
        self._line = [sys.executable, "-m", "tests.support.toy_sender", url, str(LEASE_S)]
        self._random = random.Random(5)
        self._running = [self._start(), self._start()]

    def shuffled(self, kinds: list[str]) -> list[str]:
        """Returns the kinds of harm in an order that is the same each time."""
        return self._random.sample(kinds, len(kinds))

    def harm(self, kind: str) -> None:
        """Kills one of them, of which another takes the place, or freezes it until its lease has ended."""
        place = self._random.randrange(2)
        victim = self._running[place]
        if kind == "kill":
            victim.kill()
            victim.wait()
            self._running[place] = self._start()
        else:
            victim.send_signal(signal.SIGSTOP)
            time.sleep(LEASE_S + 0.2)
            victim.send_signal(signal.SIGCONT)

    def close(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._line, cwd=ROOT, stderr=subprocess.DEVNULL)


@contextmanager
def senders(url: str) -> Iterator[Senders]:
    running = Senders(url)
    try:
        yield running
    finally:
        running.close()


def canceled(jobs: JobStore, url: str) -> str:
    """Returns the id of a job that has just been canceled, which its webhook is to be told."""
    new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], {"webhook": url}, single=True)
    jobs.create(new)
    return jobs.cancel(new.id).id


def test_every_event_is_told_though_senders_are_killed_and_frozen(redis: Redis, redis_server: RedisServer) -> None:
    client: Any = redis
    jobs = JobStore(redis, ttl_s=600, max_queued_items=10_000)
    with Receiver(slow(0.2, status(204))) as receiver, Receiver(silent()) as hanging:
        # Given an event for a receiver that hangs, and others that fail at first, fewer times than they are tried
        receiver.on("/twice", flaky(3, status(500), status(200)))
        canceled(jobs, hanging.hook)
        with senders(redis_server.url) as running:
            told: list[str] = []
            for kind in running.shuffled(HARM):
                # Some events wait whenever harm is done, however fast the senders are
                paths = [PATH if number % 10 else "/twice" for number in range(EVENTS // len(HARM))]
                told += [canceled(jobs, receiver.url(path)) for path in paths]
                time.sleep(0.3)
                running.harm(kind)
            wait_until(lambda: not client.keys("loupe:webhook*"), 120, "all to be told")
        # Then each was told, and what was told twice is what somebody was telling when harm came to him
        assert all(each.type == "job.canceled" for each in receiver.told)
        hits = Counter(request.headers["webhook-id"] for request in receiver.requests)
        assert set(hits) == {f"msg_{job_id}" for job_id in told}
        tries = {job_id: jobs.get(job_id).tries for job_id in told}
        untold = {job_id: made for job_id, made in tries.items() if made[-1]["error"] is not None}
        assert untold == {}
        again = sum(hits.values()) - sum(len(made) for made in tries.values())
        assert 0 <= again <= 8 * len(HARM)
