"""Numbers of versions: 1, 2, 3 …, each given once."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.jobs import keys
from shared.registry import Registry

# Takes the last number back, if nobody got another one since.
GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DECR', KEYS[1]) end"


class VersionNumbers:
    """Counts in Redis; a lost count begins again behind the versions in storage."""

    def __init__(self, redis: Redis, registry: Registry) -> None:
        self._redis: Any = redis
        self._registry = registry

    def reserve(self, model: str) -> int:
        """Returns the model's next version number, which nobody else gets."""
        number, last = int(self._redis.incr(_key(model))), self._registry.last_version(model)
        # The count is behind the storage when Redis lost it, or has it from an old copy.
        return number if number > last else int(self._redis.incrby(_key(model), last + 1 - number))

    def give_back(self, model: str, number: int) -> None:
        """Frees a number under which nothing was published and nothing will be, so that no gap is left."""
        self._redis.eval(GIVE_BACK, 1, _key(model), number)


def _key(model: str) -> str:
    return f"{keys.PREFIX}model:{model}:last-version"
