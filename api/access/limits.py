"""How much a key may ask for, and how often a key may be guessed. Counted in Redis, for all API processes together."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import Redis

from api.deadline import budget
from shared.access import AccessKey
from shared.errors import QuotaSpent, RateLimited
from shared.jobs import keys
from shared.settings import Settings

# A person mistypes now and then.
SIGN_INS_A_MINUTE = 10


class Limits:
    """The limits; each check is one round trip to Redis within the request's deadline.

    Args:
        redis: its connections are used.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        storage = RedisStorage("redis://", redis.connection_pool, key_prefix=f"{keys.PREFIX}limit")
        # Two counters for each limit, however large it is.
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._requests = RateLimitItemPerMinute(settings.rate_limit, namespace="requests")
        self._items = RateLimitItemPerDay(settings.daily_items, namespace="items")
        self._sign_ins = RateLimitItemPerMinute(SIGN_INS_A_MINUTE, namespace="sign-ins")

    def count(self, key: AccessKey) -> None:
        """Counts a request.

        Raises:
            RateLimited: the key has asked too often within the last minute.
        """
        wait_s = self._hit(self._requests, key.name)
        if wait_s:
            raise RateLimited(
                f"The key of {key.name} may send {self._requests.amount} requests a minute. Try again in {wait_s} s.",
                wait_s,
            )

    def spend(self, key: AccessKey, items: int) -> None:
        """Counts the items of a new classification.

        Raises:
            QuotaSpent: they are more than the key has left of the last 24 hours.
        """
        wait_s = self._hit(self._items, key.name, cost=items)
        if wait_s:
            raise QuotaSpent(
                f"The key of {key.name} may have {self._items.amount} pictures classified in 24 hours, and {items} more"
                " are too many now.",
                wait_s,
            )

    def try_sign_in(self, address: str) -> None:
        """Counts an attempt to sign in, a right one too.

        Raises:
            RateLimited: too many came from this address within the last minute. The key is not even looked at.
        """
        wait_s = self._hit(self._sign_ins, address)
        if wait_s:
            raise RateLimited(f"Too many attempts to sign in. Try again in {wait_s} s.", wait_s)

    def _hit(self, limit: RateLimitItem, who: str, cost: int = 1) -> int:
        """Returns 0 when it is allowed and counted, else after how many seconds to try again."""
        with budget().spending():
            if limit.amount == 0 or self._window.hit(limit, who, cost=cost):
                return 0
            reset = self._window.get_window_stats(limit, who).reset_time
        return max(1, math.ceil(reset - time.time()))
