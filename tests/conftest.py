"""Fixtures for all tests: real parts, started once where that is enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.support.loupe import RunningLoupe
from tests.support.receiver import SECRET
from tests.support.redis_server import RedisServer

# Ids of jobs tell their age, so tests make new ones each time; the names of tests must be the same in every process.
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Returns the part of a test's name for a text with an id in it."""
    return UUID.sub("id", val) if isinstance(val, str) and UUID.search(val) else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option of `make fuzz`."""
    parser.addoption("--fuzz", type=int, default=1, help="make up so many times as many inputs (1)")


@pytest.fixture(scope="session")
def fuzz(request: pytest.FixtureRequest) -> int:
    """How many times as many made-up inputs to try as an everyday run does."""
    return int(request.config.getoption("--fuzz"))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One real Redis server for all tests that only need one to talk to."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    """A client of an empty Redis."""
    client = Redis.from_url(redis_server.url, decode_responses=True)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server that a test may freeze or kill."""
    with RedisServer(tmp_path / "own-redis") as server:
        yield server


@pytest.fixture(scope="session")
def loupe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLoupe]:
    """A whole Loupe, started once for all tests that only use it, with its first model trained."""
    # Long enough for any good picture here, short enough for a test that waits for a silent host.
    # What tests train beside it leaves the model that the others ask.
    settings = {"LOUPE_FETCH_TIMEOUT_S": "6", "LOUPE_DEFAULT_MODEL": "shapes", "LOUPE_WEBHOOK_SECRET": SECRET}
    with RunningLoupe(tmp_path_factory.mktemp("loupe") / "var", settings) as running:
        running.wait_ready(240)
        yield running
