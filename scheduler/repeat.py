"""Work that is done again and again for as long as the process lives, while it leads."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from prometheus_client import Counter
from redis.exceptions import RedisError

from shared.errors import LoupeError

log = logging.getLogger(__name__)

ROUNDS = Counter(
    "loupe_scheduler_rounds", "Rounds of the scheduler's work, by whether they went well", ["work", "result"]
)


def repeat(name: str, every_s: float, leads: Callable[[], bool], work: Callable[[], object]) -> None:
    """Does the work in a thread of its own: what takes long must not keep the reaper from its rounds.

    No error ends it.
    """

    def run() -> None:
        while True:
            if leads():
                attempt(name, work)
            time.sleep(every_s)

    threading.Thread(target=run, name=name, daemon=True).start()


def attempt(name: str, work: Callable[[], object]) -> None:
    """Does the work once, and tells the log of an error."""
    try:
        work()
        ROUNDS.labels(name, "ok").inc()
    except (RedisError, LoupeError) as error:
        ROUNDS.labels(name, "failed").inc()
        log.warning("%s failed: %s", name, error)
    except Exception:
        ROUNDS.labels(name, "failed").inc()
        log.exception("%s failed unexpectedly", name)
