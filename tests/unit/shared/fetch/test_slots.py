from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
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


def test_waiting_for_a_slot_ends_at_the_deadline() -> None:
    slots = HostSlots(1)

    with slots.hold("host", Deadline(5)), pytest.raises(FetchTimeout), slots.hold("host", Deadline(0.05)):
        pass
    with slots.hold("host", Deadline(0.05)):
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
