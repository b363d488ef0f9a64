"""Moves of the served pointers: one at a time for each model, and known to the workers at once.

The pointers are in storage, which has no compare-and-set: to read one and write it anew is safe under a lock in Redis
alone, so every process that moves a pointer does it here. A number in Redis that grows with each move tells workers
when to look at storage: on S3 that is too dear to do every second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from redis import Redis
from redis.exceptions import LockError

from shared.errors import PointerBusy
from shared.jobs import keys
from shared.registry import Registry, Served

LOCK = keys.PREFIX + "pointer:"
MOVES = keys.PREFIX + "pointer-moves"
# Beyond checking the largest version's files, fetched from S3; a mover that died is waited for no longer.
LOCK_S = 60.0


class Pointers:
    """All served pointers.

    Args:
        wait_s: how long to wait for somebody else's move.
    """

    def __init__(self, redis: Redis, registry: Registry, *, wait_s: float) -> None:
        self._redis: Any = redis
        self._registry = registry
        self._wait_s = wait_s

    def promote(self, name: str, version: int) -> Served:
        """Has a version answer from now on, as `Registry.promote`.

        Raises:
            PointerBusy: somebody else moves the pointer.
            ModelNotFound, VersionNotFound, VersionCorrupt: as `Registry.promote`.
        """
        with self.moving(name):
            return self._registry.promote(name, version)

    def delete(self, name: str, version: int) -> None:
        """Deletes a version, as `Registry.delete`.

        Raises:
            PointerBusy: somebody moves the pointer, maybe to this version.
            ModelNotFound, VersionNotFound, InUse: as `Registry.delete`.
        """
        with self.moving(name):
            self._registry.delete(name, version)

    @contextmanager
    def moving(self, name: str) -> Iterator[None]:
        """Keeps everybody else from moving a model's pointer; after the block, workers look where it is.

        Raises:
            PointerBusy: somebody else is about to move it.
        """
        lock = self._redis.lock(LOCK + name, timeout=LOCK_S, blocking_timeout=self._wait_s)
        if not lock.acquire():
            raise PointerBusy(f"Another version of {name!r} is being promoted. Try again in a moment.")
        try:
            yield
        finally:
            self._redis.incr(MOVES)
            with suppress(LockError):
                lock.release()

    def moves(self) -> str | None:
        """Returns a word that differs from earlier ones if a pointer was moved since.

        Raises:
            RedisError: Redis does not answer.
        """
        found = self._redis.get(MOVES)
        return None if found is None else str(found)
