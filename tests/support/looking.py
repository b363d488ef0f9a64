"""A Loupe with a model that has something to look at, as gunicorn serves it, with nobody to work for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from tests.support.answered import answered_version
from tests.support.api_server import ApiServer
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer
from tests.support.toy_versions import toy_version

# Of eight test pictures, four cats and four dogs: which each version is wrong about, and how sure it is.
WRONG = {1: {0: 0.8, 2: 0.7}, 2: {1: 0.6, 5: 0.95, 2: 0.7}}


@dataclass(frozen=True)
class Looking:
    """A running server and what is behind it."""

    url: str
    world: PageWorld


@contextmanager
def looking(redis_server: RedisServer, folder: Path) -> Iterator[Looking]:
    """Serves a Loupe with two versions of pets, the first of which answers."""
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    with ApiServer(folder, redis_server.url) as server:
        world = PageWorld(redis_server.url, folder / "var")
        dataset = toy_version(world.storage)
        for number, wrong in WRONG.items():
            answered_version(
                world.storage,
                world.registry,
                dataset,
                number,
                lambda count, true, wrong=wrong: (1 - true, wrong[count]) if count in wrong else (true, 0.9),  # type: ignore[misc]
            )
        world.registry.promote("pets", 1)
        yield Looking(server.url, world)
        world.redis.connection_pool.disconnect()
