"""A process that cannot go on ends; one that only stood still, or waits for good reason, does not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from redis import Redis

from shared import consuming
from shared.consuming import Consuming
from shared.jobs.lease import LeaseKeeper
from shared.jobs.model import Queue
from shared.watchdog import STATUS, Watchdog
from tests.support.redis_server import RedisServer
from tests.support.unit_world import UnitWorld
from worker import memory
from worker.memory import MemoryLimit

STUCK = """
import time
from shared import watchdog
watchdog.EVERY_S = 0.05
dog = watchdog.Watchdog()
dog.start()
with dog.within(0.1, "the test"):
    time.sleep(60)
"""


def test_what_never_ends_is_ended_with_its_process() -> None:
    ended = subprocess.run([sys.executable, "-c", STUCK], timeout=60, capture_output=True, text=True)
    assert ended.returncode == STATUS
    assert "the test never ends" in ended.stderr


def test_a_section_has_its_seconds_of_looking_and_not_of_the_clock() -> None:
    watchdog = Watchdog()
    with watchdog.within(3, "one"):
        with watchdog.within(2, "another"):
            assert [watchdog.look() for _ in range(3)] == ["", "", "another never ends"]
        assert watchdog.look() == "one never ends"
    assert watchdog.look() == ""


def test_a_check_that_fails_does_not_keep_others_from_looking() -> None:
    def broken() -> str:
        raise ValueError

    assert Watchdog([broken, lambda: "it must"]).look() == "it must"


def test_a_process_has_a_limit_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "OTHERS", 2**40)
    assert MemoryLimit(1)() == ""
    monkeypatch.setattr(memory, "OTHERS", 2**20)
    assert "GiB, more than" in MemoryLimit(1)()


@pytest.fixture
def world(redis: Redis) -> UnitWorld:
    return UnitWorld(redis)


def test_an_idle_worker_that_leaves_its_queue_alone_is_noticed(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "PATIENCE_S", 2)
    keeper = LeaseKeeper(world.units)
    check = Consuming(world.redis, Queue.CLASSIFY, keeper)
    # With nothing to take there is nothing wrong
    assert [check() for _ in range(4)] == [""] * 4
    unit, other = world.create(1) + world.create(1)
    world.let_wait([unit])
    # One that works has no need to take more
    with keeper.keep(other, 1):
        assert [check() for _ in range(4)] == [""] * 4
    # One that takes nothing for long does not live for its queue
    assert [bool(check()) for _ in range(3)] == [False, False, True]
    # One that took something meanwhile does
    with keeper.keep(other, 2):
        pass
    assert check() == ""


def test_without_redis_nobody_can_take_anything(own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "PATIENCE_S", 0)
    with Redis.from_url(own_redis.url, decode_responses=True) as client:
        world = UnitWorld(client)
        world.let_wait(world.create(1))
        check = Consuming(client, Queue.CLASSIFY, LeaseKeeper(world.units))
        assert check() != ""
        own_redis.stop()
        assert check() == ""
