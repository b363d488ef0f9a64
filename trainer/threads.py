"""Work on many things in threads, with the results in their order and only a few of them waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

# How often the caller is asked whether to go on while the next result is not there.
ASK_EVERY_S = 0.2
# Chunks in hand for each thread, done ones included: enough that none waits for the slowest, little to hold.
AHEAD = 4


def in_order(
    chunks: Iterable[Sequence[A]],
    work: Callable[[A], B],
    *,
    threads: int,
    waits: Callable[[], None],
    goes_on: Callable[[], None],
) -> Iterator[B]:
    """Yields `work` of each thing, in order. The things of one chunk are worked on by one thread, one by one.

    Args:
        waits: called once when a result is not there at once.
        goes_on: called several times a second while it is not; what it raises ends everything.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
    pending: deque[Future[list[B]]] = deque()

    def run(chunk: Sequence[A]) -> list[B]:
        return [work(thing) for thing in chunk]

    try:
        for chunk in chunks:
            pending.append(pool.submit(run, chunk))
            if len(pending) >= AHEAD * threads:
                yield from _result(pending.popleft(), waits, goes_on)
        while pending:
            yield from _result(pending.popleft(), waits, goes_on)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _result(future: Future[B], waits: Callable[[], None], goes_on: Callable[[], None]) -> B:
    said = False
    while True:
        try:
            return future.result(timeout=ASK_EVERY_S)
        except TimeoutError:
            goes_on()
            if not said:
                waits()
                said = True
