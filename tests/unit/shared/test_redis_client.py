"""The client of Redis, on a real server that goes away and comes back."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.redis_client import connect
from shared.settings import Settings
from tests.support.redis_server import RedisServer


def client_of(server: RedisServer, timeout_s: float = 2.0) -> Any:
    return connect(Settings(redis_url=server.url), timeout_s=timeout_s)


def test_answers_are_what_redis_py_makes_of_them(redis_server: RedisServer) -> None:
    client = client_of(redis_server)
    client.delete("h", "z")
    assert client.hset("h", mapping={"a": 1, "b": "\u00e9"}) == 2
    assert client.hgetall("h") == {"a": "1", "b": "\u00e9"}
    client.zadd("z", {"one": 1, "two": 2.5})
    assert client.zrange("z", 0, -1, withscores=True) == [("one", 1.0), ("two", 2.5)]
    assert client.register_script("return {ARGV[1], false, 7}")(args=["a"]) == ["a", None, 7]


def test_an_error_is_raised_and_harms_no_later_command(redis_server: RedisServer) -> None:
    client = client_of(redis_server)
    client.set("text", "a")
    for _ in range(3):
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            client.lpush("text", "b")
        assert client.get("text") == "a"
    assert len(client.connection_pool._available_connections) == 1


def test_an_answer_that_comes_too_late_is_nobody_elses(own_redis: RedisServer) -> None:
    client = client_of(own_redis, 0.2)
    client.set("mine", "a")
    own_redis.freeze()
    try:
        with pytest.raises(RedisTimeoutError):
            client.get("mine")
    finally:
        own_redis.thaw()
    assert client.echo("another") == "another"


def test_after_a_restart_the_next_command_finds_redis_again(own_redis: RedisServer) -> None:
    client = client_of(own_redis)
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda _: client.ping(), range(20)))
    own_redis.kill()
    began = time.monotonic()
    with pytest.raises(RedisConnectionError):
        client.ping()
    # Once: whoever asks knows whether to ask again.
    assert time.monotonic() - began < 1
    own_redis.start()
    assert client.ping()
