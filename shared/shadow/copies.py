"""The queue of copies: bounded, and lossy on purpose. Nothing of it belongs to a job."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.jobs import keys

QUEUE = keys.PREFIX + "shadow"
# What waits at most. More would only be older: a challenger that cannot keep up sees fewer pictures.
MOST_COPIES = 64
MOST_BYTES = 16 * 1024 * 1024
# Without a worker for lists nobody takes them, and pictures are not to stay.
TTL_S = 60


@dataclass(frozen=True)
class Pair:
    """The served version and the one in its shadow."""

    model: str
    champion: int
    challenger: int


@dataclass(frozen=True)
class Copy:
    """A picture that was answered, as the challenger takes it.

    Attributes:
        label: the champion's answer.
        shape: (height, width, channels) of `inputs`.
        inputs: uint8, row by row.
    """

    pair: Pair
    label: str
    shape: tuple[int, int, int]
    inputs: bytes


class Copies:
    """The copies that wait for challengers."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def have_room(self, size: int) -> bool:
        """Tells whether one more copy of so many bytes may wait. Asked before it is made, which may cost a decoding."""
        return int(self._redis.llen(QUEUE)) < min(MOST_COPIES, MOST_BYTES // max(1, size))

    def add(self, copy: Copy) -> None:
        """Adds a copy. Several that do at once may pass the bound by a few."""
        pair = copy.pair
        head = [pair.model, pair.champion, pair.challenger, copy.label, copy.shape]
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.rpush(QUEUE, json.dumps([*head, b64encode(copy.inputs).decode("ascii")]))
            pipe.expire(QUEUE, TTL_S)
            pipe.execute()

    def take(self, most: int, wait_s: float) -> Sequence[Copy]:
        """Takes the oldest copies; none if there is none for so long."""
        first = self._redis.blpop([QUEUE], timeout=wait_s)
        if first is None:
            return []
        return [_copy(text) for text in (first[1], *(self._redis.lpop(QUEUE, most - 1) or ()))]


def _copy(text: str) -> Copy:
    model, champion, challenger, label, shape, inputs = json.loads(text)
    height, width, channels = shape
    return Copy(Pair(model, champion, challenger), label, (height, width, channels), b64decode(inputs))
