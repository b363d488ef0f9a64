"""Moves of the served pointers, one at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from redis import Redis

from shared.errors import ModelNotFound, PointerBusy, VersionNotFound
from shared.pointers import Pointers
from shared.registry import Registry
from shared.storage import Storage
from tests.support.engines import publish_toy


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = Registry(Storage(str(tmp_path)))
    for version in (1, 2):
        publish_toy(registry, version)
    return registry


def test_workers_hear_of_each_move(redis: Redis, registry: Registry) -> None:
    pointers = Pointers(redis, registry, wait_s=1)
    heard = [pointers.moves()]
    for version in (1, 2):
        assert pointers.promote("pets", version).version == version
        heard.append(pointers.moves())
    assert heard[0] is None
    assert len(set(heard)) == 3


def test_one_model_s_pointer_is_moved_by_one_at_a_time(redis: Redis, registry: Registry) -> None:
    publish_toy(registry, name="birds")
    pointers = Pointers(redis, registry, wait_s=0.1)
    with pointers.moving("pets"):
        with pytest.raises(PointerBusy, match="'pets'"):
            Pointers(redis, registry, wait_s=0.1).promote("pets", 1)
        pointers.promote("birds", 1)
    assert pointers.promote("pets", 1).version == 1


def test_who_waits_gets_its_turn(redis: Redis, registry: Registry) -> None:
    pointers = Pointers(redis, registry, wait_s=10)
    with pointers.moving("pets"):
        other = threading.Thread(target=pointers.promote, args=("pets", 2))
        other.start()
        registry.promote("pets", 1)
    other.join(10)
    assert [period.version for period in registry.periods("pets")] == [2, 1]


def test_what_is_not_there_is_not_promoted(redis: Redis, registry: Registry) -> None:
    pointers = Pointers(redis, registry, wait_s=1)
    for name, error in (("pets", VersionNotFound), ("birds", ModelNotFound), ("../etc", ModelNotFound)):
        with pytest.raises(error):
            pointers.promote(name, 9)
    assert pointers.promote("pets", 1).version == 1
