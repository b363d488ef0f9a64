"""Numbers of versions: 1, 2, 3 …, each given once."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.jobs import keys
from shared.registry import Registry


class VersionNumbers:
    """Counts in Redis; a lost count begins again behind the versions in storage."""

    def __init__(self, redis: Redis, registry: Registry) -> None:
        self._redis: Any = redis
        self._registry = registry

    def reserve(self, model: str) -> int:
        """Returns the model's next version number, which nobody else gets."""
        key = f"{keys.PREFIX}model:{model}:last-version"
        number, last = int(self._redis.incr(key)), self._registry.last_version(model)
        # The count is behind the storage when Redis lost it, or has it from an old copy.
        return number if number > last else int(self._redis.incrby(key, last + 1 - number))
