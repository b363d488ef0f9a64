"""What the scheduler's own rounds may wait for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis

from scheduler.app import Scheduler
from shared.errors import StorageUnavailable
from shared.jobs import keys
from shared.settings import Settings
from shared.storage import Storage
from tests.support.unit_world import UnitWorld


def test_no_round_waits_for_storage(redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, back = UnitWorld(redis), threading.Event()

    def hang(*_: object) -> str:
        back.wait(10)
        raise StorageUnavailable("no answer")

    # Given a storage that hangs at whatever is asked of it, before anybody has looked at the registry
    monkeypatch.setattr(Storage, "_full", hang)
    # And a chunk that is lost for the third time, whose end is to be written there
    (dead,), (other,) = world.create(1), world.create(1)
    redis.hset(keys.job(dead.partition(":")[0]), "spec", '{"model": "pets"}')
    redis.hset(keys.unit(dead), "payload", '{"input": "jobs/id/input/00000000.ndjson", "first": 0}')
    for unit in (dead, other):
        world.claim(unit)
        world.expire(unit)
    redis.hset(keys.unit(dead), "lost", 2)
    scheduler = Scheduler(Settings(data_dir=tmp_path), redis)
    # When the scheduler looks for what is lost
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(scheduler.round).result(5)
        finally:
            back.set()
    # Then another lost unit is sent again meanwhile
    assert [unit for _, unit in world.sent] == [other]
