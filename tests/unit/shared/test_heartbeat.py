"""Heartbeats on a real Redis."""

from __future__ import annotations

from redis import Redis

from shared.heartbeat import HEARTBEATS, PROCESSES, Heartbeat, processes


def test_what_a_process_says_of_itself_is_read_back(redis: Redis) -> None:
    model = {"name": "pets", "version": 1, "state": "ready"}
    Heartbeat(redis, "single", lambda: ("ready", [model])).beat()
    (state,) = processes(redis)
    assert (state.role, state.detail, state.models) == ("single", "ready", [model])
    assert state.id.startswith("single@")
    assert "python_info" in state.metrics


def test_a_process_that_died_is_gone_by_itself(redis: Redis) -> None:
    Heartbeat(redis, "single", lambda: ("", [])).beat()
    for key in redis.scan_iter(match=HEARTBEATS + "*"):
        redis.delete(key)
    assert processes(redis) == []
    assert redis.scard(PROCESSES) == 0


def test_a_process_that_ends_in_good_order_is_gone_at_once_and_stays_gone(redis: Redis) -> None:
    heartbeat = Heartbeat(redis, "single", lambda: ("", []))
    heartbeat.beat()
    heartbeat.end()
    heartbeat.beat()
    assert processes(redis) == []
