"""Fixtures of the tests of jobs."""

from __future__ import annotations

import pytest
from redis import Redis

from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from tests.support.unit_world import UnitWorld


@pytest.fixture
def world(redis: Redis) -> UnitWorld:
    return UnitWorld(redis)


@pytest.fixture
def jobs(redis: Redis) -> JobStore:
    return JobStore(redis, ttl_s=60, max_queued_items=1000)


@pytest.fixture
def units(redis: Redis) -> UnitStore:
    return UnitStore(redis)
