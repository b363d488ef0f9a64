"""The embedded Redis server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import redis
from kombu.connection import Connection

from launch.errors import LaunchError
from launch.redis_server import find_redis_server, redis_server_version
from tests.support.launched import wait_until
from tests.support.redis_server import RedisServer


def test_the_binary_says_its_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", redis_server_version(find_redis_server()))


def test_a_binary_that_does_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=f"The embedded Redis does not run: {tmp_path / 'missing'}"):
        redis_server_version(tmp_path / "missing")


# A short folder, one with characters that URLs escape, and one whose path no socket address can hold.
@pytest.mark.parametrize("folder", ["redis", "a b%41?#+", "x" * 100])
def test_redis_py_and_celery_reach_it_in_any_folder_and_a_kill_loses_nothing(tmp_path: Path, folder: str) -> None:
    with RedisServer(tmp_path / folder) as server:
        client = redis.Redis.from_url(server.url)
        with Connection(server.broker_url) as broker:  # type: ignore[no-untyped-call] # kombu has no types
            queue = broker.SimpleQueue("toy")
            queue.put({"id": 1})
            queue.close()
        assert client.llen("toy") == 1
        # A disk that is busy takes the change within seconds, not at once.
        wait_until(lambda: any(b"toy" in path.read_bytes() for path in tmp_path.rglob("*.aof")), 5, "it to be written")
        server.kill()
        server.start()
        assert client.llen("toy") == 1
        client.close()


def test_only_its_own_user_can_open_its_socket(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        assert server.socket_path.stat().st_mode & 0o777 == 0o700
