from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from time import sleep

import pytest

from shared.errors import FetchTimeout
from shared.fetch.deadline import Deadline
from shared.fetch.slots import HostSlots


def test_no_more_than_the_cap_hold_one_host_at_a_time() -> None:
    slots = HostSlots(3)
    lock, now, most = Lock(), 0, 0

    def use() -> None:
        nonlocal now, most
        with slots.hold("host", Deadline(5)):
            with lock:
                now += 1
                most = max(most, now)
            sleep(0.01)
            with lock:
                now -= 1

    with ThreadPoolExecutor(12) as threads:
        for done in [threads.submit(use) for _ in range(24)]:
            done.result()

    assert most == 3


def test_waiting_for_a_slot_takes_nothing_off_the_deadline() -> None:
    slots = HostSlots(1)
    deadline = Deadline(0.2)

    def hold_long() -> None:
        with slots.hold("host", Deadline(5)):
            holding.set()
            sleep(0.4)

    holding = Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(hold_long)
        assert holding.wait(5)
        with slots.hold("host", deadline):
            assert deadline.left() > 0.05


def test_waiting_for_a_slot_gives_up_at_last_and_does_not_blame_the_host() -> None:
    slots = HostSlots(1)

    busy = pytest.raises(FetchTimeout, match="busy with other pictures")
    with slots.hold("host", Deadline(5)), busy, slots.hold("host", Deadline(5), most_s=0.05):
        pass
    with slots.hold("host", Deadline(0.05)):
        pass


def test_what_is_told_of_the_wait_can_end_it() -> None:
    slots = HostSlots(1)

    def stop() -> None:
        raise InterruptedError

    ended = pytest.raises(InterruptedError)
    with slots.hold("host", Deadline(5)), ended, slots.hold("host", Deadline(5), stop, most_s=0.05):
        pass
    # There is nothing to wait for.
    with slots.hold("host", Deadline(0.05), stop):
        pass


def test_a_slot_goes_to_whoever_has_waited_longest() -> None:
    slots, waits, go_on = HostSlots(1), Event(), Event()

    def wait() -> None:
        with slots.hold("host", Deadline(5), on_busy=lambda _: waits.set()):
            assert go_on.wait(5)

    def stop(_: str) -> None:
        raise InterruptedError

    with ThreadPoolExecutor(1) as threads:
        with slots.hold("host", Deadline(5)):
            first = threads.submit(wait)
            assert waits.wait(5)
        # Whoever comes now is behind, though nothing has run yet in the slot.
        with pytest.raises(InterruptedError), slots.hold("host", Deadline(5), on_busy=stop):
            pass
        go_on.set()
        first.result(5)
    with slots.hold("host", Deadline(5), on_busy=stop):
        pass


def test_a_full_host_holds_up_no_other() -> None:
    slots = HostSlots(1)

    with slots.hold("one", Deadline(5)), slots.hold("two", Deadline(0.05)):
        pass


def test_a_host_nobody_uses_is_forgotten() -> None:
    slots = HostSlots(1)

    with slots.hold("host", Deadline(5)):
        pass

    assert slots._hosts == {}
