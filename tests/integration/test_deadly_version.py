"""A version that kills whoever loads it: the one before it answers again, and the pointer goes back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from scheduler.way_back import WayBack
from shared.heartbeat import processes
from shared.pointers import Pointers
from shared.registry import Registry
from shared.storage import Storage
from tests.support.engines import publish_toy
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.faults, pytest.mark.processes]

ROOT = Path(__file__).parents[2]


def test_a_version_that_kills_its_worker_is_served_no_more(
    redis: Any, redis_server: RedisServer, tmp_path: Path
) -> None:
    # Given a worker that is started anew whenever it dies, as supervisor does
    registry = Registry(Storage(str(tmp_path)))
    pointers = Pointers(redis, registry, wait_s=1)
    for version in (1, 2):
        publish_toy(registry, version)
    pointers.promote("pets", 1)
    command = [sys.executable, "tests/support/toy_worker.py", redis_server.url, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen(command, cwd=ROOT, env=environment)
    deaths = 0
    try:
        wait_for(lambda: "ready" in states_of(redis, 1))
        # When a version is promoted of which it dies
        pointers.promote("pets", 2)
        way_back = WayBack(redis, registry, pointers)
        give_up = time.monotonic() + 90
        while registry.served_version("pets") != 1:
            if worker.poll() is not None:
                deaths += 1
                worker = subprocess.Popen(command, cwd=ROOT, env=environment)
            way_back.round()
            time.sleep(0.1)
            assert time.monotonic() < give_up
        # Then the third one leaves it alone, and what it says takes the pointer back
        served = registry.served("pets")
        assert served is not None
        refusal = served.refusal(2)
        assert refusal is not None
        assert "2 processes died while they loaded it" in refusal.reason
        assert (deaths, worker.poll()) == (2, None)
        assert "ready" in states_of(redis, 1)
    finally:
        worker.kill()
        worker.wait()


def states_of(redis: Redis, version: int) -> list[str]:
    """Returns what workers say of a version."""
    found = [model for process in processes(redis) for model in process.models]
    return [str(model["state"]) for model in found if model["version"] == version]


def wait_for(true: Callable[[], bool]) -> None:
    """Waits until something is true."""
    give_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.1)
