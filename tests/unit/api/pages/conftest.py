"""The pages of a Loupe without processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis

from api.pages import job as job_module
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer


@pytest.fixture
def world(redis_server: RedisServer, redis: Redis, tmp_path: Path) -> Iterator[PageWorld]:
    """A Loupe that serves nothing yet; `redis` has emptied its Redis."""
    built = PageWorld(redis_server.url, tmp_path / "var")
    yield built
    built.redis.connection_pool.disconnect()


@pytest.fixture
def shapes(world: PageWorld) -> PageWorld:
    """A Loupe that serves shapes v1."""
    world.publish()
    return world


@pytest.fixture
def pets(world: PageWorld) -> PageWorld:
    """A Loupe with the dataset pets of two classes."""
    world.dataset("pets")
    return world


@pytest.fixture
def browser(world: PageWorld) -> FlaskClient:
    """What asks for pages as a browser does."""
    client = world.app.test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html,application/xhtml+xml,*/*;q=0.8"
    return client


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works here, so there is nothing to wait for."""
    monkeypatch.setattr(job_module, "PATIENCE_S", 0.0)
