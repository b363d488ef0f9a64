"""How much a key may ask for, and how often a key may be guessed. Counted in Redis, for all API processes together."""

from __future__ import annotations

import math
import time
from contextlib import suppress

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import Redis
from redis.exceptions import RedisError

from api.deadline import budget
from shared.access import AccessKey
from shared.errors import QuotaSpent, RateLimited, RedisUnavailable, TooManyItems
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
        """Counts the items of a new classification; `give_back` is for one that comes to nothing.

        Raises:
            QuotaSpent: they are more than the key has left of the last 24 hours.
            TooManyItems: they are more than it ever has.
        """
        self._check_day(key, items)
        wait_s = self._hit(self._items, key.name, cost=items)
        if wait_s:
            raise self._spent(key, items, wait_s)

    def give_back(self, key: AccessKey, items: int) -> None:
        """Takes back what was spent on a classification that was refused then, as far as Redis answers."""
        # Why it was refused is to be told all the same.
        with suppress(RedisError, RedisUnavailable):
            # Counted first and taken back, and not looked at first and counted later: requests that come at once
            # cannot have more between them than is left, and what is accepted costs one round trip.
            self._hit(self._items, key.name, cost=-items)

    def check_left(self, key: AccessKey, items: int) -> None:
        """Says whether so many items would be taken now, and counts nothing.

        Raises:
            QuotaSpent, TooManyItems: as for `spend`.
        """
        self._check_day(key, items)
        with budget().spending():
            if self._items.amount == 0 or self._window.test(self._items, key.name, cost=items):
                return
        raise self._spent(key, items, self._wait_s(self._items, key.name))

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
        return self._wait_s(limit, who)

    def _wait_s(self, limit: RateLimitItem, who: str) -> int:
        """Returns after how many seconds a bit of a limit is free again."""
        with budget().spending():
            reset = self._window.get_window_stats(limit, who).reset_time
        return max(1, math.ceil(reset - time.time()))

    def _check_day(self, key: AccessKey, items: int) -> None:
        most = self._items.amount
        if most and items > most:
            raise TooManyItems(
                f"The key of {key.name} may have {most:,} pictures classified in 24 hours, and there are {items:,}."
            )

    def _spent(self, key: AccessKey, items: int, wait_s: int) -> QuotaSpent:
        return QuotaSpent(
            f"The key of {key.name} may have {self._items.amount} pictures classified in 24 hours, and {items} more"
            " are too many now.",
            wait_s,
        )
