"""Numbers of versions are given once, whatever Redis forgets."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from trainer.numbers import VersionNumbers


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(Storage(str(tmp_path)))


@pytest.fixture
def numbers(redis: Redis, registry: Registry) -> VersionNumbers:
    return VersionNumbers(redis, registry)


def publish(registry: Registry, *versions: int) -> None:
    for version in versions:
        registry.publish(toy_manifest(version=version), {"model.keras": b"weights"})


def test_they_rise_from_one_for_each_model(numbers: VersionNumbers) -> None:
    assert [numbers.reserve("pets"), numbers.reserve("pets"), numbers.reserve("birds")] == [1, 2, 1]


def test_a_count_that_redis_lost_begins_behind_the_storage(
    numbers: VersionNumbers, registry: Registry, redis: Redis
) -> None:
    publish(registry, numbers.reserve("pets"), numbers.reserve("pets"))
    redis.flushall()
    assert [numbers.reserve("pets"), numbers.reserve("pets")] == [3, 4]


def test_an_old_count_that_redis_brought_back_is_caught_up(numbers: VersionNumbers, registry: Registry) -> None:
    assert numbers.reserve("pets") == 1
    publish(registry, 1, 2, 3, 4)
    assert [numbers.reserve("pets"), numbers.reserve("pets")] == [5, 6]


def test_the_number_of_a_deleted_version_is_not_given_again(
    numbers: VersionNumbers, registry: Registry, redis: Redis
) -> None:
    publish(registry, numbers.reserve("pets"), numbers.reserve("pets"))
    registry.delete("pets", 2)
    assert numbers.reserve("pets") == 3
    redis.flushall()
    assert numbers.reserve("pets") == 3


def test_a_number_that_no_version_got_is_given_again_if_it_was_the_last(numbers: VersionNumbers) -> None:
    numbers.give_back("pets", numbers.reserve("pets"))
    assert numbers.reserve("pets") == 1
    assert numbers.reserve("pets") == 2
    numbers.give_back("pets", 1)
    assert numbers.reserve("pets") == 3


def test_no_count_stays_for_ever(numbers: VersionNumbers, registry: Registry, redis: Redis) -> None:
    """Names are tried and given up, and Redis evicts nothing."""
    numbers.give_back("typo", numbers.reserve("typo"))
    assert list(redis.scan_iter("*last-version")) == []
    publish(registry, 1, 2, 3)
    numbers.give_back("pets", numbers.reserve("pets"))
    (key,) = redis.scan_iter("*last-version")
    assert 0 < redis.ttl(key) <= 30 * 24 * 3600
    assert numbers.reserve("pets") == 4
