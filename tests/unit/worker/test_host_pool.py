"""Threads for many hosts, with hosts that hold their threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock

import pytest

from tests.support import threads
from worker.host_pool import HostPool


class Held:
    """Works that begin, and end when they are let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._go = Event()
        self._lock = Lock()
        self._changed = Event()

    def work(self, name: str) -> Callable[[], None]:
        def run() -> None:
            with self._lock:
                self.begun.append(name)
            self._changed.set()
            assert self._go.wait(5)

        return run

    def let_go(self) -> None:
        self._go.set()

    def wait_for(self, count: int) -> None:
        while len(self.begun) < count:
            assert self._changed.wait(5), f"expected {count} to begin, only {self.begun} did"
            self._changed.clear()


def test_a_busy_host_holds_up_no_other_and_takes_no_more_than_its_share() -> None:
    # Given a host with more work than it may have at a time, and as many threads as that and one
    pool, held = HostPool(threads=3, per_host=2), Held()
    for number in range(50):
        pool.submit("busy", held.work(f"busy-{number}"))
    # When another host's work comes
    done = Event()
    pool.submit("other", done.set)
    # Then it is done, while the first host's line waits
    assert done.wait(5)
    held.wait_for(2)
    assert held.begun == ["busy-0", "busy-1"]
    # And the line goes on once the first of it end
    held.let_go()
    held.wait_for(50)
    assert sorted(held.begun) == sorted(f"busy-{number}" for number in range(50))


def test_all_threads_together_are_bounded() -> None:
    pool, held = HostPool(threads=2, per_host=8), Held()
    for number in range(4):
        pool.submit(f"host-{number}", held.work(str(number)))
    held.wait_for(2)
    assert held.begun == ["0", "1"]
    held.let_go()
    held.wait_for(4)


def test_work_that_fails_frees_its_place(caplog: pytest.LogCaptureFixture) -> None:
    pool, done = HostPool(threads=1, per_host=1), Event()

    def fail() -> None:
        raise ValueError("no")

    pool.submit("host", fail)
    pool.submit("host", done.set)
    assert done.wait(5)
    assert "failed unexpectedly" in caplog.text


def test_a_host_s_work_is_done_though_no_thread_could_be_started_for_it() -> None:
    pool, done = HostPool(threads=4, per_host=1), Event()
    # Given a system that had no thread left, when there were none yet and when there was one
    with threads.none_left(), pytest.raises(RuntimeError):
        pool.submit("host", done.set)
    busy = Held()
    pool.submit("busy", busy.work("busy"))
    with threads.none_left():
        pool.submit("host", done.set)
    # Then the one there is does all of it
    busy.wait_for(1)
    assert not done.is_set()
    busy.let_go()
    assert done.wait(5)
    # And more are started once there are some again
    held = Held()
    for number in range(4):
        pool.submit(f"host-{number}", held.work(str(number)))
    held.wait_for(4)
    held.let_go()
