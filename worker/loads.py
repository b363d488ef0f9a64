"""What processes die of: loads of served versions are noted in Redis, and a process that dies leaves its note behind.

A version that takes more memory than there is, or that crashes its engine, kills whoever loads it. Nobody is left to
say so, and the next process would do the same for ever, answering nothing. It finds the notes and leaves it alone.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.jobs import keys

log = logging.getLogger(__name__)

LOADS = keys.PREFIX + "loads:"
# One process may be killed for reasons of its own.
MOST_DEATHS = 2
# Then it is tried again: somebody may have given the machine more memory.
TTL_S = 600


class LoadKills(Exception):
    """Raised when a version is not loaded because processes died of it."""


class Loads:
    """The loads of one worker: of its role, on its host.

    Args:
        role: single or list.
    """

    def __init__(self, redis: Redis, role: str) -> None:
        self._redis: Any = redis
        self._prefix = f"{LOADS}{role}@{socket.gethostname()}:"
        self._under_way: str | None = None
        atexit.register(self._left)

    @contextmanager
    def noted(self, load: str) -> Iterator[None]:
        """Notes a load inside the block, one at a time. Without Redis nothing is noted, and it goes on all the same.

        Args:
            load: names the version, and the promotion for which it is loaded: who promotes it again wants it tried.

        Raises:
            LoadKills: processes before this one died while they did the same.
        """
        key = self._prefix + load
        deaths = self._began(key)
        if deaths >= MOST_DEATHS:
            died = f"{deaths} processes died while they loaded it"
            raise LoadKills(f"{died}. It may need more memory than there is, or its engine crashes.")
        self._under_way = key
        try:
            yield
        finally:
            # However it ended: nobody died of it.
            self._under_way = None
            self._forget(key)

    def _began(self, key: str) -> int:
        """Notes a load, and returns how many processes died of it."""
        try:
            deaths = sum(int(count) for pid, count in self._redis.hgetall(key).items() if not _is_another(int(pid)))
            if deaths < MOST_DEATHS:
                with self._redis.pipeline(transaction=True) as pipe:
                    pipe.hincrby(key, str(os.getpid()), 1).expire(key, TTL_S).execute()
        except RedisError as error:
            log.warning("Redis does not hear what is being loaded: %s", error)
            return 0
        return deaths

    def _left(self) -> None:
        """Says that this process ends in good order, and not of what it loads."""
        if self._under_way:
            self._forget(self._under_way)

    def _forget(self, key: str) -> None:
        try:
            self._redis.delete(key)
        except RedisError as error:
            log.warning("Redis does not hear that a load has ended: %s", error)


def _is_another(pid: int) -> bool:
    """Tells whether this is the number of another process that lives. In a container all bear the same, one by one."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
