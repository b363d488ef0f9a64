from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from tests.support.schedule_world import ScheduleWorld, store_dataset


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> ScheduleWorld:
    """A scheduler, and a dataset that came from a folder."""
    made = ScheduleWorld(redis, tmp_path)
    store_dataset(made.storage)
    return made
