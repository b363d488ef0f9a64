"""A worker that follows the served pointers and is killed by any version but the first: `toy_worker.py URL STORAGE`."""

from __future__ import annotations

import os
import sys
import time

from redis import Redis

from shared.heartbeat import Heartbeat
from shared.pointers import Pointers
from shared.registry import Registry
from shared.storage import Storage
from tests.support.engines import brightness
from worker.following import Following
from worker.loaded import LoadedModel, load
from worker.loads import Loads
from worker.models import Models


def main(redis_url: str, folder: str) -> None:
    """Works until it is killed."""
    redis = Redis.from_url(redis_url, decode_responses=True)
    registry = Registry(Storage(folder))

    def load_or_die(name: str, version: int) -> LoadedModel:
        if version > 1:
            os._exit(9)
        return load(registry, name, version, brightness)

    models = Models(registry, load_or_die, 10**9, noted=Loads(redis, "single").noted)
    heartbeat = Heartbeat(redis, "single", lambda: ("", models.describe()))
    heartbeat.start()
    Following(registry, models, Pointers(redis, registry, wait_s=1).moves).start()
    while True:
        heartbeat.now()
        time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
