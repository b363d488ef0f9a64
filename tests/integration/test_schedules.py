"""Real schedulers that die and freeze."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from shared.heartbeat import processes
from shared.schedules.store import ScheduleStore
from shared.storage import Storage
from tests.support.launched import wait_until
from tests.support.redis_server import RedisServer
from tests.support.schedule_world import store_dataset, toy_schedule

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
TAKE_OVER_S = 10


@contextmanager
def scheduler(server: RedisServer, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a scheduler."""
    environment = os.environ | {"LOUPE_REDIS_URL": server.url, "LOUPE_DATA_DIR": str(folder)}
    with (folder.parent / "scheduler.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "scheduler"], cwd=ROOT, env=environment, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_another_scheduler_takes_over_within_ten_seconds(
    own_redis: RedisServer, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "var"
    redis = Redis.from_url(own_redis.url, decode_responses=True)
    storage = Storage(str(folder / "storage"))
    store_dataset(storage)
    store = ScheduleStore(redis, storage)
    with scheduler(own_redis, folder) as one, scheduler(own_redis, folder) as other:
        wait_until(lambda: sorted(leads(redis).values()) == [False, True], 60, "one of two to lead")
        leader = one if leads(redis)[one.pid] else other
        # When the leader dies, or stands still, and a schedule is due
        leader.send_signal(number)
        gone = time.monotonic()
        store.create(toy_schedule(cron="* * * * *", dealt_until=time.time() - 60))
        # Then it runs soon, and once, also when the first one wakes
        wait_until(lambda: len(store.get("weekly").runs) == 1, 60, "the run")
        assert time.monotonic() - gone < TAKE_OVER_S
        leader.send_signal(signal.SIGCONT)
        time.sleep(3)
        imports = [run.import_job for run in store.get("weekly").runs if run.import_job]
        assert len(imports) == 1
    redis.close()


def leads(redis: Redis) -> dict[int, bool]:
    """Returns the schedulers that live by process id, with whether they lead."""
    found = [state for state in processes(redis) if state.role == "scheduler"]
    return {int(state.id.rpartition(":")[2]): state.detail == "leads" for state in found}
