"""A connection to Redis that fails now and then: before a command is sent, or, worse, after it was carried out."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Any

from redis import Redis
from redis.connection import UnixDomainSocketConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

WAYS = ("timeout", "connection error", "done but timeout")


class Dice:
    """Says what goes wrong with each exchange, and counts it.

    Args:
        share: of the exchanges that fail in each of the three ways.
    """

    def __init__(self, seed: int, share: float = 0.05) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.share = share
        self.thrown: Counter[str] = Counter()

    def throw(self) -> str:
        """Returns what is to happen: nothing mostly."""
        with self._lock:
            place = int(self._random.random() / self.share)
            what = WAYS[place] if place < len(WAYS) else ""
            self.thrown[what] += 1
            return what


def make_faulty(client: Redis, dice: Dice) -> None:
    """Lets all connections that a client makes from now on fail as the dice say."""

    class FaultyConnection(UnixDomainSocketConnection):
        """Fails between a command and its answer; how it connects is left alone."""

        _connected = False
        _lose_answer = False

        def connect(self) -> None:
            if not self._sock:
                self._connected = False
                super().connect()  # type: ignore[no-untyped-call]
                self._connected = True

        def send_packed_command(self, command: Any, check_health: bool = True) -> None:
            what = dice.throw() if self._connected else ""
            if what == "timeout":
                raise RedisTimeoutError("the dice: nothing was sent")
            if what == "connection error":
                raise RedisConnectionError("the dice: nothing was sent")
            self._lose_answer = what == "done but timeout"
            super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]

        def read_response(self, *args: Any, **options: Any) -> Any:
            answer = super().read_response(*args, **options)
            if self._lose_answer:
                self._lose_answer = False
                raise RedisTimeoutError("the dice: it was done, and nobody was told")
            return answer

    client.connection_pool.disconnect()
    client.connection_pool.connection_class = FaultyConnection
