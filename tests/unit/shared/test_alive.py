"""The containers' health check, against heartbeats in a real Redis."""

from __future__ import annotations

import socket

import pytest
from redis import Redis

from shared import alive
from shared.heartbeat import HEARTBEATS, Heartbeat
from tests.support.redis_server import RedisServer

HOST = socket.gethostname()


def beat(redis: Redis, role: str) -> None:
    Heartbeat(redis, role, lambda: ("", [])).beat()


def test_a_process_that_beats_here_lives(redis: Redis) -> None:
    beat(redis, "single")
    assert alive.alive(redis, "single", HOST)


@pytest.mark.parametrize(("role", "host"), [("list", HOST), ("single", f"{HOST}2"), ("single", HOST[:-1])])
def test_another_role_or_another_host_does_not_count(redis: Redis, role: str, host: str) -> None:
    beat(redis, "single")
    assert not alive.alive(redis, role, host)


def test_a_heartbeat_that_expired_does_not_count(redis: Redis) -> None:
    beat(redis, "trainer")
    redis.delete(*redis.keys(f"{HEARTBEATS}*"))
    assert not alive.alive(redis, "trainer", HOST)


def test_the_command_exits_with_0_only_while_the_process_beats(
    redis: Redis, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOUPE_REDIS_URL", redis_server.url)
    assert alive.main(["scheduler"]) == 1
    beat(redis, "scheduler")
    assert alive.main(["scheduler"]) == 0


def test_without_redis_the_command_exits_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUPE_REDIS_URL", "redis://127.0.0.1:1/0")
    assert alive.main(["scheduler"]) == 1
