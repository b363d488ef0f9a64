"""How much memory this process may take for a while, so that what asks for more fails and nothing else does."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Linux tells here how many pages a process has.
PAGES = Path("/proc/self/statm")


@contextmanager
def room_for(more: int) -> Iterator[None]:
    """Lets this process take so many more bytes of address space inside the block; any number where nobody counts them.

    A model of a few bytes may describe layers of terabytes, and Keras makes them before it looks for their weights.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):
        pages = int(PAGES.read_text("ascii").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (_least(pages * resource.getpagesize() + more, soft, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _least(*limits: int) -> int:
    return min(limit for limit in limits if limit != resource.RLIM_INFINITY)
