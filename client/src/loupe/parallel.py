"""Several things at once, and what comes of them in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], given: Iterable[T], threads: int) -> Iterator[R]:
    """Yields what comes of each, in order, with so many under way and as many more done but not asked for."""
    rest = iter(given)
    pool = ThreadPoolExecutor(threads)
    try:
        waiting: deque[Future[R]] = deque(pool.submit(work, one) for one in islice(rest, 2 * threads))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(work, one) for one in islice(rest, 1))
    finally:
        # Who is interrupted, or ends with an error, does not wait for the others.
        pool.shutdown(wait=False, cancel_futures=True)
