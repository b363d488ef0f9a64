"""One deadline for all Redis and broker work of a request: with Redis frozen, the answer is a 503 within 2 s.

A request has a budget of seconds that each operation draws on. Under gunicorn, where sockets are gevent's, an
operation is cut off when the budget is spent; elsewhere the socket's own time-out ends it, and the next one is
refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from flask import g, has_app_context
from gevent import monkey
from redis.client import Pipeline

from shared.errors import RedisUnavailable
from shared.redis_client import PlainRedis

BUDGET_S = 1.5
SOCKET_TIMEOUT_S = 1.0


class Budget:
    """The seconds that are left for Redis."""

    def __init__(self) -> None:
        self.left_s = BUDGET_S

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Takes the time of the block off the budget.

        Raises:
            RedisUnavailable: the budget is spent, before the block or within it.
        """
        if self.left_s <= 0:
            raise RedisUnavailable(TOO_LATE)
        start = time.monotonic()
        try:
            with _cut_off(self.left_s):
                yield
        finally:
            self.left_s -= time.monotonic() - start


TOO_LATE = f"Redis did not answer within {BUDGET_S} s. Try again in a moment."


@contextmanager
def _cut_off(seconds: float) -> Iterator[None]:
    if not monkey.is_module_patched("socket"):
        yield
        return
    timeout = gevent.Timeout(seconds)
    timeout.start()
    try:
        yield
    except gevent.Timeout as raised:
        if raised is not timeout:
            raise
        raise RedisUnavailable(TOO_LATE) from None
    finally:
        timeout.close()


def budget() -> Budget:
    """Returns the budget of this request; outside of one every operation has its own."""
    if not has_app_context():
        return Budget()
    if "redis_budget" not in g:
        g.redis_budget = Budget()
    found: Budget = g.redis_budget
    return found


def renew() -> None:
    """Gives this request a fresh budget: a request that waits for a job looks at it many times."""
    if has_app_context():
        g.redis_budget = Budget()


class DeadlinePipeline(Pipeline):
    """A pipeline that draws on the request's budget."""

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Sends the commands."""
        with budget().spending():
            return super().execute(raise_on_error)


class DeadlineRedis(PlainRedis):
    """A Redis client whose every command draws on the request's budget."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Sends a command."""
        with budget().spending():
            return super().execute_command(*args, **options)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Returns a pipeline under the same deadline."""
        return DeadlinePipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
