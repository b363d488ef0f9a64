from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from loupe.backoff import FIRST_S, LONGEST_S, Backoff, retry_after


class Clock:
    """A clock that a sleep moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_pauses_grow_at_random_up_to_a_limit_and_end_with_the_budget() -> None:
    clock = Clock()
    backoff = Backoff(600, clock, clock.sleep)

    while backoff.pause():
        pass

    limits = [min(FIRST_S * 2**turn, LONGEST_S) for turn in range(len(clock.pauses))]
    assert all(pause <= limit for pause, limit in zip(clock.pauses, limits, strict=True))
    assert len(set(clock.pauses)) == len(clock.pauses)
    assert 600 - LONGEST_S < clock.now <= 600


def test_what_the_server_asks_for_is_waited_exactly_or_not_at_all() -> None:
    clock = Clock()
    backoff = Backoff(10, clock, clock.sleep)

    assert [backoff.pause(4), backoff.pause(7), backoff.pause(6)] == [True, False, True]
    assert clock.pauses == [4, 6]


def test_a_server_that_asks_for_no_pause_is_not_asked_without_one() -> None:
    clock = Clock()
    backoff = Backoff(60, clock, clock.sleep)

    while backoff.pause(0):
        pass

    assert len(clock.pauses) < 200


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, None), ("2", 2.0), (" 2 ", 2.0), ("soon", None), ("-1", None), ("٣", None)]
)
def test_retry_after_is_seconds(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_may_be_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)

    assert 28 < (retry_after(format_datetime(soon, usegmt=True)) or 0) <= 30
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    # There is no such time in UTC.
    assert retry_after("Fri, 31 Dec 9999 23:59:59 -1200") is None
