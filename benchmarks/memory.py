"""The memory of every process over a list of 100,000 URLs, and how soon Loupe begins.

    python -m benchmarks.memory [--quick]

- Resident memory of each process, seen four times a second: when it is ready, its peak, and its growth: the median over
  the last tenth of the list against the median over the second tenth.
- How soon a worker is ready: from the start of one more worker for single images, on an otherwise idle Loupe, until
  Loupe shows it with the model.
- How soon the first unit runs: from the answer to the POST of the 100,000 URLs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial

from benchmarks.support.checks import Check
from benchmarks.support.jobs import FINAL, Json, start_list, wait_for
from benchmarks.support.options import Options, alone
from benchmarks.support.results import record
from benchmarks.support.rss import EARLY, LATE, MIDDLE, READY, Memory, role_of, watched
from benchmarks.support.workers import ready_after
from benchmarks.support.world import READY_S, World
from tests.support.loupe import RunningLoupe

ITEMS = 100_000
MOST_MB = {"api": 120, "single": 200, "list": 200}
MOST_GROWTH = 0.1


def run(world: World, options: Options) -> int:
    """Measures all of it in one Loupe."""
    items = options.of(ITEMS)
    with world.loupe() as loupe:
        loupe.wait_ready(READY_S)
        ready_s = ready_after(loupe, world.folder)
        with watched(loupe) as memory:
            urls = world.take(items)
            memory.mark(READY)
            job = start_list(loupe, urls)
            answered = time.perf_counter()
            wait_for(loupe, job, lambda state: state["started_at"] is not None, 60)
            first_s = time.perf_counter() - answered
            follow(loupe, job, items, memory)
    found = memory.figures()
    for name, one in found.items():
        print(f"  {name}: ready {one['ready_mb']:.0f} MB, peak {one['peak_mb']:.0f} MB, growth {one['growth']:+.1%}")
    checks = [
        *(Check(f"{name}: peak, MB", found[name]["peak_mb"], most=most) for name, most in limits(found)),
        *(Check(f"{name}: growth, share", found[name]["growth"], most=MOST_GROWTH) for name, _ in limits(found)),
        Check("a worker is ready after its start, s", ready_s, most=3),
        Check("the first unit runs after the answer, s", first_s, most=3),
    ]
    return record("memory", checks, {"items": items, "processes": found}, quick=options.quick)


def follow(loupe: RunningLoupe, job: str, items: int, memory: Memory) -> None:
    """Marks the tenths of a list as they are done."""
    for tenth, mark in ((1, EARLY), (2, MIDDLE), (9, LATE)):
        wait_for(loupe, job, partial(_has_done, items * tenth // 10), 1800)
        memory.mark(mark)
    state = wait_for(loupe, job, lambda state: state["status"] in FINAL, 600)
    if state["status"] != "succeeded":
        raise RuntimeError(f"expected a list that succeeds, received {state}")


def _has_done(least: int, state: Json) -> bool:
    return int(state["progress"]["done"]) >= least


def limits(found: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Returns the processes that have a limit, with it."""
    for name in found:
        if role_of(name) in MOST_MB:
            yield name, MOST_MB[role_of(name)]


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
