"""URLs of the pictures: every one a URL of its own, so that nothing is fetched once for many."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from benchmarks.support.pictures import COUNT


def picture_urls(base_url: str) -> Iterator[str]:
    """Returns endless URLs, none of which comes twice, in this process or in a later one."""
    # The time of the start, in nanoseconds, is the first number of no other process.
    for number in itertools.count(time.time_ns()):
        yield f"{base_url}/{number % COUNT:03}.jpg?n={number}"
