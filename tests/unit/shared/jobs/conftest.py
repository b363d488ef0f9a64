"""Fixtures of the tests of jobs."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.support.unit_world import UnitWorld


@pytest.fixture
def world(redis: Redis) -> UnitWorld:
    return UnitWorld(redis)
