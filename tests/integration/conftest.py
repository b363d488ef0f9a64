"""Fixtures of the tests with real processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.registry import Registry
from shared.storage import Storage
from tests.support.api_server import BODY_LIMIT, ApiServer
from tests.support.manifests import toy_manifest
from tests.support.redis_server import RedisServer


@pytest.fixture(scope="module")
def api_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def server(api_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("api")
    registry = Registry(Storage(str(folder / "var" / "storage")))
    registry.publish(toy_manifest(), {"model.keras": b"weights"})
    registry.promote("pets", 1)
    # What one process knows, the other one must learn.
    with ApiServer(folder, api_redis.url, {"LOUPE_MAX_BODY_BYTES": str(BODY_LIMIT)}, workers=2) as running:
        yield running
