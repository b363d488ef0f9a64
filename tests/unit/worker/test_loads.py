"""Processes that die while they load a version, noted in a real Redis."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis import Redis

from tests.support.redis_server import RedisServer
from worker.loads import LOADS, LoadKills, Loads

pytestmark = pytest.mark.processes

LOAD = "pets@2:2026-01-01"
# A process that does something while it loads.
PROCESS = """
import os, sys, threading, time
from redis import Redis
from worker.loads import Loads
loads = Loads(Redis.from_url(sys.argv[1], decode_responses=True), "single")
def load():
    with loads.noted(sys.argv[2]):
        {does}
"""
DIES = PROCESS.format(does="os._exit(9)") + "load()"
LASTS = PROCESS.format(does="print(flush=True); time.sleep(60)") + "load()"
ENDS = (
    PROCESS.format(does="begun.set(); time.sleep(60)")
    + "begun = threading.Event(); threading.Thread(target=load, daemon=True).start(); begun.wait()"
)


@pytest.fixture
def loads(redis: Redis) -> Loads:
    return Loads(redis, "single")


def run(server: RedisServer, code: str, load: str = LOAD) -> int:
    return subprocess.run([sys.executable, "-c", code, server.url, load], check=False, timeout=60).returncode


@contextmanager
def loading(server: RedisServer) -> Iterator[None]:
    """Has another process load for a while."""
    command = [sys.executable, "-c", LASTS, server.url, LOAD]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


def test_what_two_processes_died_of_is_left_alone(redis_server: RedisServer, loads: Loads) -> None:
    assert [run(redis_server, DIES), run(redis_server, DIES)] == [9, 9]
    with pytest.raises(LoadKills, match="2 processes died"), loads.noted(LOAD):
        pytest.fail("it was loaded")
    # Another promotion of it is another try.
    with loads.noted("pets@2:2026-01-02"):
        pass


def test_processes_of_one_number_are_told_apart(redis_server: RedisServer, redis: Any, loads: Loads) -> None:
    run(redis_server, DIES)
    # In a container each has the number of the one before it.
    (key,) = redis.keys(LOADS + "*")
    redis.delete(key)
    redis.hset(key, str(os.getpid()), 2)
    with pytest.raises(LoadKills), loads.noted(LOAD):
        pytest.fail("it was loaded")


def test_a_load_that_ends_clears_the_version_of_earlier_deaths(redis_server: RedisServer, loads: Loads) -> None:
    run(redis_server, DIES)
    with pytest.raises(ZeroDivisionError), loads.noted(LOAD):
        raise ZeroDivisionError
    run(redis_server, DIES)
    with loads.noted(LOAD):
        pass


def test_a_process_that_is_stopped_did_not_die_of_it(redis_server: RedisServer, redis: Any) -> None:
    assert run(redis_server, ENDS) == 0
    assert redis.keys(LOADS + "*") == []


def test_processes_that_load_at_the_same_time_do_not_count(redis_server: RedisServer, loads: Loads) -> None:
    with loading(redis_server), loading(redis_server), loads.noted(LOAD):
        pass


def test_notes_go_by_themselves(redis_server: RedisServer, redis: Any) -> None:
    run(redis_server, DIES)
    (key,) = redis.keys(LOADS + "*")
    assert 0 < redis.ttl(key) <= 600


def test_without_redis_a_version_is_loaded_all_the_same(own_redis: RedisServer) -> None:
    client: Any = Redis.from_url(own_redis.url, decode_responses=True, socket_timeout=0.2)
    own_redis.freeze()
    done = []
    with Loads(client, "single").noted(LOAD):
        done.append("loaded")
    assert done == ["loaded"]
