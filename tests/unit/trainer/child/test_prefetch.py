from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from trainer.child.prefetch import DEPTH, prefetched


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


def test_things_come_in_their_order_and_made_ahead() -> None:
    made: list[int] = []

    def make() -> Iterator[int]:
        for number in range(20):
            made.append(number)
            yield number

    things = prefetched(make())
    assert next(things) == 0
    deadline = time.monotonic() + 5
    while len(made) < DEPTH + 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    # One was taken, some wait, one is in the maker's hand.
    assert DEPTH + 1 <= len(made) <= DEPTH + 2
    assert list(things) == list(range(1, 20))
    assert not threads()


def test_what_making_raises_is_raised_in_its_place() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    things = prefetched(make())
    assert next(things) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(things)
    assert not threads()


def test_leaving_early_ends_the_thread() -> None:
    things = prefetched(iter(range(1000)))
    next(things)
    things.close()
    assert not threads()
