"""Pictures that have come wait for a place before more of them is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from worker.room import Room


def test_a_place_is_taken_once_and_given_back_whatever_happens() -> None:
    room = Room(1)

    def fail() -> None:
        with room.place() as take:
            take()
            take()
            raise InterruptedError

    for _ in range(2):
        with pytest.raises(InterruptedError):
            fail()


def test_who_takes_no_place_holds_up_nobody_and_who_does_holds_up_the_next() -> None:
    room, asks, taken = Room(1), Event(), Event()

    def wait() -> None:
        with room.place() as take:
            asks.set()
            take()
            taken.set()

    with ThreadPoolExecutor(1) as pool:
        with room.place(), room.place() as take:
            take()
            waiting = pool.submit(wait)
            assert asks.wait(5)
            assert not taken.wait(0.1)
        waiting.result(5)
