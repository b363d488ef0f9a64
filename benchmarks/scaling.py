"""Two workers for lists against one, on hosts that take 50 ms to answer.

    python -m benchmarks.scaling [--quick]

With 8 connections to a host, the default, one worker waits most of the time: at most 160 pictures a second come from
such a host. A second worker, pointed at the same Redis and storage, has 8 connections of its own.
"""

from __future__ import annotations

import sys

from benchmarks.support.checks import Check
from benchmarks.support.jobs import run_list
from benchmarks.support.options import Options, alone
from benchmarks.support.results import record
from benchmarks.support.slow_host import SlowHost
from benchmarks.support.urls import picture_urls
from benchmarks.support.workers import one_more
from benchmarks.support.world import READY_S, World

DELAY_S, CONNECTIONS, ITEMS = 0.05, 8, 2500


def run(world: World, options: Options) -> int:
    """Measures both and judges their ratio."""
    items = options.of(ITEMS)
    host = SlowHost(world.folder / "pictures", DELAY_S)
    with host, world.loupe(fetch_per_host=str(CONNECTIONS), list_workers="1") as loupe:
        urls = picture_urls(host.base_url)
        loupe.wait_ready(READY_S)

        def rate() -> float:
            # Models and connections are there when it counts.
            run_list(loupe, [next(urls) for _ in range(items // 10)], 120)
            return items / run_list(loupe, [next(urls) for _ in range(items)], 300)

        one = rate()
        with one_more(loupe, "list", world.folder):
            two = rate()
    print(f"  one worker {one:.0f}, two {two:.0f} pictures a second; {CONNECTIONS / DELAY_S:.0f} each are possible")
    checks = [Check("two workers for lists, times one, on hosts that take 50 ms", two / one, least=1.8)]
    return record("scaling", checks, {"items": items, "one": one, "two": two}, quick=options.quick)


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
