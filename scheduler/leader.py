"""One leader among several schedulers: a lease in Redis."""

from __future__ import annotations

import uuid
from typing import Any

from redis import Redis

from shared.jobs import keys

KEY = keys.PREFIX + "scheduler"
# A leader that died is replaced after at most this and one round, well within 10 s.
LEASE_MS = 6_000

RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""


class Leadership:
    """The right to act as the scheduler, held for seconds and renewed each round."""

    def __init__(self, redis: Redis, lease_ms: int = LEASE_MS) -> None:
        self._redis: Any = redis
        self._lease_ms = lease_ms
        self._renew = redis.register_script(RENEW)
        self._token = uuid.uuid4().hex

    def hold(self) -> bool:
        """Takes or renews the lease; False while another scheduler has it."""
        if self._redis.set(KEY, self._token, nx=True, px=self._lease_ms):
            return True
        return bool(self._renew(keys=[KEY], args=[self._token, self._lease_ms]))
