"""Pages stay quick however many jobs are stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared.heartbeat import Heartbeat
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer

JOBS = 10_000
ROUNDS = 5
# The promise is 150 ms on a machine that does nothing else; tests run on one that does.
MOST_S = 0.6


@pytest.fixture
def world(redis_server: RedisServer, redis: Redis, tmp_path: Path) -> Iterator[PageWorld]:
    """A Loupe with as many jobs as a busy week leaves, most of them waiting: the worst case for who asks why."""
    built = PageWorld(redis_server.url, tmp_path / "var")
    built.publish()
    for _ in range(JOBS):
        built.single()
    yield built
    built.redis.connection_pool.disconnect()


def test_every_page_is_quick_with_ten_thousand_jobs(world: PageWorld, browser: FlaskClient) -> None:
    Heartbeat(world.redis, "list", lambda: ("ready", [])).beat()
    Heartbeat(world.redis, "trainer", lambda: ("ready", [])).beat()
    answered, waiting, training = world.listing(1000), world.listing(5), world.training()
    world.finish_list(answered, [world.item(answered, {"star": 0.9}, index=n, url="http://a/") for n in range(1000)])
    paths: tuple[str, ...] = (
        "/",
        "/batch",
        "/jobs",
        "/jobs?kind=classification&status=queued",
        "/models",
        "/models/shapes/1",
    )
    paths += ("/datasets", "/train", "/schedules", *(f"/jobs/{job_id}" for job_id in (answered, waiting, training)))
    took = {path: median(_seconds(browser, path) for _ in range(ROUNDS)) for path in paths}
    assert max(took.values()) <= MOST_S, took


def _seconds(browser: FlaskClient, path: str) -> float:
    began = time.perf_counter()
    assert browser.get(path).status_code == 200, path
    return time.perf_counter() - began
