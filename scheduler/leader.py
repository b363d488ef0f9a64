"""One leader among several schedulers: a lease in Redis."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.jobs import keys, tokens

KEY = keys.PREFIX + "scheduler"
# A leader that died elsewhere is replaced after at most this and one round, well within 10 s.
LEASE_MS = 6_000

# Hands the lease on from one to another, or to the same one for longer.
HAND_ON = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""


class Leadership:
    """The right to act as the scheduler, held for seconds and renewed each round."""

    def __init__(self, redis: Redis, lease_ms: int = LEASE_MS) -> None:
        self._redis: Any = redis
        self._lease_ms = lease_ms
        self._hand_on = redis.register_script(HAND_ON)
        self._token = tokens.new()

    def hold(self) -> bool:
        """Takes or renews the lease; False while another scheduler has it that may live."""
        if self._redis.set(KEY, self._token, nx=True, px=self._lease_ms):
            return True
        leader = self._redis.get(KEY) or ""
        if leader != self._token and not tokens.orphans([leader]):
            return False
        return bool(self._hand_on(keys=[KEY], args=[leader, self._token, self._lease_ms]))
