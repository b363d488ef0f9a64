"""How far a challenger agrees with the served version, counted in Redis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.jobs import keys
from shared.shadow.copies import Pair

# Counts of a pair that nobody compares any more are forgotten after this.
TTL_S = 30 * 24 * 3600
COMPARED, AGREED, DROPPED, FAILED, REASON = "compared", "agreed", "dropped", "failed", "reason"
OF_CLASS, AGREED_OF_CLASS = "c:", "a:"


@dataclass(frozen=True)
class ClassAgreement:
    """One class by the champion's answer: how many pictures, and to how many of them the challenger said the same."""

    label: str
    compared: int
    agreed: int


@dataclass(frozen=True)
class Agreement:
    """What came of the copies.

    Attributes:
        compared: those that the challenger answered.
        agreed: those that it answered as the champion did.
        dropped: those that found the queue full.
        failed: those that it could not answer, and `reason` says why, of the last one.
        classes: by the champion's answer, the most frequent first.
    """

    compared: int
    agreed: int
    dropped: int
    failed: int
    reason: str | None
    classes: Sequence[ClassAgreement]


class Agreements:
    """The counts of all pairs."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def count(self, pair: Pair, answers: Sequence[tuple[str, str]]) -> None:
        """Counts answers, each the champion's and the challenger's."""
        counts = Counter({COMPARED: len(answers), AGREED: sum(one == other for one, other in answers)})
        counts.update(OF_CLASS + champion for champion, _ in answers)
        counts.update(AGREED_OF_CLASS + champion for champion, challenger in answers if champion == challenger)
        self._add(pair, counts)

    def drop(self, pair: Pair, count: int = 1) -> None:
        """Counts copies that were dropped."""
        self._add(pair, {DROPPED: count})

    def fail(self, pair: Pair, count: int, reason: str) -> None:
        """Counts copies that the challenger could not answer."""
        self._add(pair, {FAILED: count}, reason)

    def read(self, pair: Pair) -> Agreement:
        """Returns what was counted."""
        found: dict[str, str] = self._redis.hgetall(_key(pair))
        classes = [
            ClassAgreement(label, int(count), int(found.get(AGREED_OF_CLASS + label, 0)))
            for name, count in found.items()
            if (label := name.removeprefix(OF_CLASS)) != name
        ]
        numbers = {name: int(found.get(name, 0)) for name in (COMPARED, AGREED, DROPPED, FAILED)}
        frequent_first = sorted(classes, key=lambda one: (-one.compared, one.label))
        return Agreement(**numbers, reason=found.get(REASON), classes=frequent_first)

    def forget(self, pair: Pair) -> None:
        """Begins to count anew."""
        self._redis.delete(_key(pair))

    def _add(self, pair: Pair, counts: Counter[str] | dict[str, int], reason: str = "") -> None:
        key = _key(pair)
        with self._redis.pipeline(transaction=True) as pipe:
            for name, count in counts.items():
                pipe.hincrby(key, name, count)
            if reason:
                pipe.hset(key, REASON, reason)
            pipe.expire(key, TTL_S)
            pipe.execute()


def _key(pair: Pair) -> str:
    return f"{keys.PREFIX}shadow:{pair.model}:{pair.challenger}:{pair.champion}"
