"""Where Redis is, for redis-py and for Celery."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.redis_url import MAX_SOCKET_PATH_BYTES, as_broker_url, broker_url, redis_url, socket_path
from shared.settings import Settings


def test_without_a_setting_it_is_the_embedded_servers_socket(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert redis_url(settings) == f"unix://{tmp_path}/run/redis.sock?db=0"
    assert broker_url(settings) == f"redis+socket://{tmp_path}/run/redis.sock?virtual_host=0"


def test_a_long_data_folder_has_its_socket_in_a_short_place_of_its_own() -> None:
    one, other = (socket_path(Settings(data_dir=Path("/", "x" * 120, name))) for name in ("one", "other"))
    assert one != other
    assert one == socket_path(Settings(data_dir=Path("/", "x" * 120, "one")))
    assert len(bytes(one)) <= MAX_SOCKET_PATH_BYTES


def test_a_redis_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, redis_url="redis://:secret@redis.example:6380/2")
    assert redis_url(settings) == broker_url(settings) == "redis://:secret@redis.example:6380/2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0"),
        ("unix:///run/a%20b.sock?db=3", "redis+socket:///run/a%20b.sock?virtual_host=3"),
        ("unix://me:p%40ss@/run/r.sock?db=1", "redis+socket://me:p%40ss@/run/r.sock?virtual_host=1"),
        ("unix:///run/r.sock?password=p%40ss", "redis+socket://:p%40ss@/run/r.sock?virtual_host=0"),
        ("rediss://redis.example/1", "rediss://redis.example/1"),
    ],
)
def test_a_socket_is_spelled_celerys_way(url: str, expected: str) -> None:
    assert as_broker_url(url) == expected
