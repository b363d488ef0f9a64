"""When a worker looks at storage for the served pointers."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.errors import StorageUnavailable
from shared.pointers import Pointers
from shared.registry import Registry, Served
from shared.storage import Storage
from tests.support.engines import brightness, publish_toy
from worker import following
from worker.following import Following
from worker.loaded import load
from worker.models import Models


class CountingRegistry(Registry):
    """Counts the looks at storage, and fails as often as it is told to."""

    looks = 0
    failures = 0

    def all_served(self) -> dict[str, Served]:
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable("no answer")
        return super().all_served()


@pytest.fixture
def registry(tmp_path: Path) -> CountingRegistry:
    registry = CountingRegistry(Storage(str(tmp_path)))
    for version in (1, 2):
        publish_toy(registry, version)
    return registry


@pytest.fixture
def models(registry: Registry) -> Models:
    return Models(registry, lambda name, version: load(registry, name, version, brightness), 10**9)


def test_storage_is_looked_at_when_a_pointer_was_moved(
    redis: Redis, registry: CountingRegistry, models: Models
) -> None:
    pointers = Pointers(redis, registry, wait_s=1)
    follows = Following(registry, models, pointers.moves)
    pointers.promote("pets", 1)
    for _ in range(5):
        follows.round()
    assert (registry.looks, models.get("pets").version) == (1, 1)
    pointers.promote("pets", 2)
    for _ in range(5):
        follows.round()
    assert (registry.looks, models.get("pets").version) == (2, 2)


def test_storage_is_looked_at_from_time_to_time_all_the_same(
    registry: CountingRegistry, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.0)
    follows = Following(registry, models, lambda: "1")
    registry.promote("pets", 1)
    follows.round()
    # When somebody moves it by other ways, a restored backup for one
    registry.promote("pets", 2)
    follows.round()
    assert models.get("pets").version == 2


def test_after_an_outage_storage_is_looked_at_whatever_is_heard(registry: CountingRegistry, models: Models) -> None:
    heard: list[str | Exception] = ["1", "1", RedisConnectionError(), "1", "1"]

    def moves() -> str:
        word = heard.pop(0)
        if isinstance(word, Exception):
            raise word
        return word

    follows = Following(registry, models, moves)
    follows.round()
    follows.round()
    with pytest.raises(RedisConnectionError):
        follows.round()
    assert registry.looks == 1
    registry.failures = 1
    with pytest.raises(StorageUnavailable):
        follows.round()
    follows.round()
    assert registry.looks == 3
