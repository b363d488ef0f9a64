"""One leader among several schedulers: a lease in Redis."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.jobs import keys, tokens

KEY = keys.PREFIX + "scheduler"
# A leader that died elsewhere is replaced after at most this and one round, well within 10 s.
LEASE_MS = 6_000

# Takes the lease or holds it for longer, unless somebody has it who is not named; answers who, and nothing else.
TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[2] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return ''
"""


class Leadership:
    """The right to act as the scheduler, held for seconds and renewed each round."""

    def __init__(self, redis: Redis, lease_ms: int = LEASE_MS) -> None:
        self._lease_ms = lease_ms
        self._script: Any = redis.register_script(TAKE)
        self._token = tokens.new()

    def hold(self) -> bool:
        """Takes or renews the lease; False while another scheduler has it that may live."""
        leader = self._take()
        return not leader or (bool(tokens.orphans([leader])) and not self._take(leader))

    def _take(self, dead: str = "") -> str:
        """Returns who else has the lease; nothing once this one has it, be it after one that is dead."""
        return str(self._script(keys=[KEY], args=[self._token, dead, self._lease_ms]))
