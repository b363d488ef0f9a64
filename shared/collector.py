"""What Python's garbage collector looks at."""

from __future__ import annotations

import gc


def spare_the_collector() -> None:
    """Has the collector pass over everything that is loaded by now, which stays anyway.

    There are a hundred thousand objects, and to look at them all takes 50 ms, in which nobody is answered. In the API
    that happened with nearly each list of 1,000 jobs, else once in some hundred requests; in a worker for single
    pictures every eight seconds under load.
    """
    gc.collect()
    gc.freeze()
