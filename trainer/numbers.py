"""Numbers of versions: 1, 2, 3 …, each given once."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.jobs import keys
from shared.registry import Registry

# Takes the last number back, if nobody got another one since. A model that never came to be leaves no count.
GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DECR', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
"""
# After the last number was given. No training takes as long; what was published until then is in storage.
KEPT_S = 30 * 24 * 3600


class VersionNumbers:
    """Counts in Redis; a lost count begins again behind the versions in storage."""

    def __init__(self, redis: Redis, registry: Registry) -> None:
        self._redis: Any = redis
        self._registry = registry

    def reserve(self, model: str) -> int:
        """Returns the model's next version number, which nobody else gets."""
        number, last = self._counted(model, 1), self._registry.last_version(model)
        # The count is behind the storage when Redis lost it, or has it from an old copy.
        return number if number > last else self._counted(model, last + 1 - number)

    def give_back(self, model: str, number: int) -> None:
        """Frees a number under which nothing was published and nothing will be, so that no gap is left."""
        self._redis.eval(GIVE_BACK, 1, _key(model), number)

    def _counted(self, model: str, by: int) -> int:
        with self._redis.pipeline() as together:
            together.incrby(_key(model), by)
            together.expire(_key(model), KEPT_S)
            return int(together.execute()[0])


def _key(model: str) -> str:
    return f"{keys.PREFIX}model:{model}:last-version"
