"""A claimed unit whose work is done in steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from shared.jobs.lease import Lease
from shared.jobs.model import Claim
from shared.tracing import step

P = ParamSpec("P")
T = TypeVar("T")


class Running:
    """A unit under way that no thread keeps to itself: each step of its work may be another thread's.

    Args:
        claim: the right to work on it.
        on_close: called when it ends.

    Attributes:
        lease: renewed until `close`.
        began: when it did, by `time.monotonic`.
    """

    lease: Lease

    def __init__(self, claim: Claim, on_close: Callable[[], None]) -> None:
        self.claim = claim
        self.began = time.monotonic()
        # What is bound to lines of the log, and the span at hand, go with it from thread to thread.
        self._context = copy_context()
        self._held = ExitStack()
        self._held.callback(on_close)

    def inside(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Does something that belongs to it: inside of what it has entered."""
        return self._context.run(work, *args, **options)

    def enter(self, block: AbstractContextManager[T]) -> T:
        """Has all that follows be inside of a block, until it is closed."""
        return self.inside(self._held.enter_context, block)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Times the block as a step of its work; other units may have the same one."""
        span = self.inside(step, name)
        self.inside(span.__enter__)
        try:
            yield
        finally:
            self.inside(span.__exit__, None, None, None)

    def close(self) -> None:
        """Ends it; once, however often it is called."""
        self.inside(self._held.close)
