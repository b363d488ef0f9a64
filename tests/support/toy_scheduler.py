"""A scheduler process that only looks at schedules, in a hurry, and whose clock is a file that the test writes.

Its arguments are the URL of a Redis, a folder, the clock's file and how long its lease lasts, in milliseconds.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from redis import Redis

from scheduler.leader import Leadership
from scheduler.repeat import attempt
from scheduler.schedules import Schedules
from shared.logs import setup_logging
from tests.support.schedule_world import ScheduleWorld

EVERY_S = 0.01
# The process id of who leads, and those of all that are there.
LEADER = "toy:leader"
READY = "toy:ready"


def main(url: str, folder: str, clock: str, lease_ms: str) -> None:
    """Runs until it is killed."""
    setup_logging("scheduler", "text")
    redis = Redis.from_url(url, decode_responses=True, socket_timeout=2)
    world = ScheduleWorld(redis, Path(folder))
    schedules = Schedules(world.store, world.runs, lambda: float(Path(clock).read_text()))
    leadership = Leadership(redis, int(lease_ms))

    def work() -> None:
        redis.sadd(READY, os.getpid())
        if leadership.hold():
            redis.set(LEADER, os.getpid())
            schedules.round()

    while True:
        attempt("a round", work)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
