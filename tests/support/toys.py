"""Toy programs for the tests of the launcher: `python -m tests.support.toys toy-NAME`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from shared import sign_of_life
from shared.parent import die_with_parent

# A file in the data folder.
TIED = "child-is-tied"


def steady() -> None:
    """Does nothing for long."""
    time.sleep(1000)


def last() -> None:
    """On SIGTERM it takes a second, and then still finds Redis there."""
    import redis

    from shared.redis_url import redis_url
    from shared.settings import load_settings

    client = redis.Redis.from_url(redis_url(load_settings()))

    def goodbye(_number: int, _frame: object) -> None:
        time.sleep(1)
        client.incr("goodbyes")
        sys.exit(0)

    signal.signal(signal.SIGTERM, goodbye)
    while True:
        try:
            client.set("writer", os.getpid())
            break
        except redis.RedisError:
            time.sleep(0.02)
    steady()


def family() -> None:
    """Has a child, as the API's server has workers and the trainer its training."""
    subprocess.run([sys.executable, "-m", "tests.support.toys", "toy-child", str(os.getpid())])


def child() -> None:
    """Ties itself to its parent's life, and says so: a process can be seen long before it has done anything."""
    # The parent may have died already.
    die_with_parent(parent=int(sys.argv[2]))
    from shared.settings import load_settings

    (load_settings().data_dir / TIED).touch()
    steady()


def chatty() -> None:
    """Prints two megabytes, far more than a pipe holds."""
    for _ in range(20_000):
        sys.stdout.write("x" * 99 + "\n")
    steady()


def speaks() -> None:
    """Gives signs of life."""
    while True:
        sign_of_life.give()
        time.sleep(0.2)


def dies() -> None:
    """Ends at once."""
    sys.stdout.write("I was here\n")


TOYS: dict[str, Callable[[], None]] = {toy.__name__: toy for toy in (steady, last, family, child, chatty, speaks, dies)}

if __name__ == "__main__":
    TOYS[sys.argv[1].removeprefix("toy-")]()
