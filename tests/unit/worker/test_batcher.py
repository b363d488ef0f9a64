"""The micro-batcher: together what gathers, one batch at a time, and nobody waits for another one's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from tests.support.launched import wait_until
from worker.batcher import Batcher

MOST = 4


class Slow:
    """Work that ends once it may, and notes what it was given at a time."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may = Event()
        self._alone = Lock()

    def __call__(self, batch: list[int]) -> None:
        assert self._alone.acquire(blocking=False), "two threads at once"
        try:
            self.batches.append(batch)
            assert self.may.wait(5)
            if -1 in batch:
                raise ValueError("a batch that fails")
        finally:
            self._alone.release()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_what_comes_meanwhile_is_worked_on_together_and_whoever_brings_it_leaves(threads: ThreadPoolExecutor) -> None:
    work = Slow()
    batcher = Batcher(work, MOST)
    first = threads.submit(batcher.add, 0)
    wait_until(lambda: work.batches == [[0]], 2, "the first is at work")
    # Were one of them to wait, the next would never come.
    for number in range(1, MOST + 3):
        batcher.add(number)
    work.may.set()
    first.result(5)
    assert work.batches == [[0], [1, 2, 3, 4], [5, 6]]


def test_what_comes_alone_is_done_by_whoever_brings_it() -> None:
    work = Slow()
    work.may.set()
    batcher = Batcher(work, MOST)
    for number in range(3):
        batcher.add(number)
        assert work.batches[-1] == [number]


def test_a_batch_that_fails_takes_no_other_along(threads: ThreadPoolExecutor) -> None:
    work = Slow()
    batcher = Batcher(work, 1)
    first = threads.submit(batcher.add, -1)
    wait_until(lambda: work.batches == [[-1]], 2, "the first is at work")
    batcher.add(1)
    work.may.set()
    first.result(5)
    batcher.add(2)
    assert work.batches == [[-1], [1], [2]]
