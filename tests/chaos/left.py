"""What stays in Redis when all is done: only what expires, or what a name of its own accounts for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from redis import Redis

# One key each, or one for each model, queue or kind of job: they do not grow with the work (ARCHITECTURE.md).
FIXED = re.compile(
    r"loupe:(classify|batch|train|jobs:[a-z*]+:[a-z*]+|expiring|processes|process:.*|open-items|reaped-at|leases-lost|pointer-moves|promotions|bootstrapped"
    r"|schedules(:(unsaved|server))?|shadow.*|versions:.*|_kombu\.binding\..*|run-id)"
)


def ownerless(redis: Redis) -> list[str]:
    """Returns the keys that have neither an expiry nor an owner, once no job is open."""
    client: Any = redis
    return sorted(_ownerless(client))


def _ownerless(client: Any) -> Iterator[str]:
    for key in client.scan_iter(count=1000):
        if not FIXED.fullmatch(key) and client.ttl(key) == -1:
            yield key
