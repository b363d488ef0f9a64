"""The API's fixtures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.support.api_world import ApiWorld
from tests.support.redis_server import RedisServer

MakeApi = Callable[..., ApiWorld]


@pytest.fixture
def make_api(redis: Redis, redis_server: RedisServer, tmp_path: Path) -> MakeApi:
    """Makes an API with settings of its own."""

    def make(**options: Any) -> ApiWorld:
        return ApiWorld(redis, redis_server.url, tmp_path / "var", options)

    return make


@pytest.fixture
def api(make_api: MakeApi) -> ApiWorld:
    """The API with one served model, pets version 1."""
    world = make_api()
    world.publish()
    return world
