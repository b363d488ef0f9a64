"""The queueing model, held to what is known of such queues."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.scaling_model import (
    MOST_BUSY,
    THREADS,
    ServiceTimes,
    list_rate,
    main,
    mean_wait,
    need,
    redis_limit,
    servers_for,
    wait_probability,
)

TIMES = ServiceTimes(api=0.002, worker=0.004, redis=0.0005)


def test_one_server_waits_as_the_textbook_says() -> None:
    # M/M/1: the share that waits is the load, and the mean wait is load / (1 - load) services.
    assert wait_probability(1, 0.5) == pytest.approx(0.5)
    assert mean_wait(50, 0.01, 1) == pytest.approx(0.01)


def test_erlang_s_own_table() -> None:
    assert wait_probability(2, 1.0) == pytest.approx(1 / 3)
    assert wait_probability(10, 8.0) == pytest.approx(0.4092, abs=1e-4)


def test_more_than_can_be_done_waits_for_ever() -> None:
    assert mean_wait(300, 0.01, 3) == math.inf
    assert wait_probability(3, 3.0) == 1.0


def test_servers_are_as_few_as_the_wait_allows_and_never_busier_than_planned() -> None:
    for wait_s in (1.0, 0.001):
        servers = servers_for(1000, 0.004, wait_s)
        assert mean_wait(1000, 0.004, servers) <= wait_s
        assert 1000 * 0.004 / servers <= MOST_BUSY


def test_slow_hosts_need_threads_where_fast_ones_need_cores() -> None:
    fast, slow = need(TIMES, 100, 0.01, 1), need(TIMES, 100, 5.0, 1)
    assert fast.workers == 1
    assert slow.workers == math.ceil(100 * 5.004 / (THREADS * MOST_BUSY))
    assert slow.redis_busy == fast.redis_busy == pytest.approx(0.05)
    assert fast.cores == 1 + 2 + 1


def test_a_list_is_bounded_by_cores_threads_hosts_or_redis() -> None:
    assert list_rate(TIMES, 2, 0.05, hosts=1) == pytest.approx(2 * 8 / 0.05)
    assert list_rate(TIMES, 2, 1.0, hosts=1000) == pytest.approx(2 * THREADS / 1.004)
    assert list_rate(TIMES, 2, 0.05, hosts=1000) == pytest.approx(2 / 0.004)
    assert list_rate(TIMES, 1000, 0.0, hosts=1) == redis_limit(TIMES) == pytest.approx(MOST_BUSY / 0.0005)


def test_the_tables_are_made_of_what_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = tmp_path / "times.json"
    each = {"api": 2.0, "single": 4.0, "list": 2.0, "redis": 0.5}
    times.write_text(json.dumps({"single_ms": each, "list_ms": each}))

    assert main(["--times", str(times), "--arrivals", "100", "--fetch-ms", "10"]) == 0

    text = capsys.readouterr().out
    assert "| 100 | 10 ms | 1 | 1 | 4 | " in text
    assert "Redis is the limit at 1,400 single pictures" in text
