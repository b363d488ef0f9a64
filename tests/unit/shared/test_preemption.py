"""When a process gets a processor that others compute on."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from shared.preemption import interrupt_nobody

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such policy")


def policy() -> int:
    return os.sched_getscheduler(0)


def test_a_thread_and_those_it_starts_interrupt_nobody() -> None:
    seen: list[int] = []
    before = policy()

    def first() -> None:
        interrupt_nobody()
        seen.append(policy())
        with ThreadPoolExecutor(1) as threads:
            seen.append(threads.submit(policy).result())

    thread = Thread(target=first)
    thread.start()
    thread.join()
    assert seen == [os.SCHED_BATCH, os.SCHED_BATCH]
    assert policy() == before


def test_a_system_that_forbids_it_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbidden)
    interrupt_nobody()
