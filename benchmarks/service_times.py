"""How much processor time one picture costs each process: what `benchmarks.scaling_model` goes on from.

    python -m benchmarks.service_times [--quick]

Processor time, unlike rates, hardly hangs on what else the machine does. Each figure is the time that a process took
for a list, or for single pictures, by the number of pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.support.jobs import run_list, single_target
from benchmarks.support.load import load
from benchmarks.support.options import Options, alone
from benchmarks.support.results import write
from benchmarks.support.world import READY_S, World
from tests.support.loupe import RunningLoupe

ITEMS, REQUESTS, CLIENTS = 8000, 2000, 16
# Each process by a part of its command line.
MARKS = {"api": "api.wsgi", "single": "single@", "list": "list@", "redis": "redis-server"}


def run(world: World, options: Options) -> int:
    """Measures and prints milliseconds of processor time a picture."""
    with world.loupe() as loupe:
        loupe.wait_ready(READY_S)
        run_list(loupe, world.take(200), 120)
        load(single_target(loupe), world.urls, clients=CLIENTS, count=200, seconds=60)
        items, requests = options.of(ITEMS), options.of(REQUESTS)
        of_list = each(loupe, items, lambda: run_list(loupe, world.take(items), 300))
        of_single = each(
            loupe,
            requests,
            lambda: load(single_target(loupe), world.urls, clients=CLIENTS, count=requests, seconds=300),
        )
    for name, found in {"list": of_list, "single": of_single}.items():
        print(f"  {name}: " + ", ".join(f"{process} {ms:.2f} ms" for process, ms in found.items()))
    if not options.quick:
        write("service_times", {"items": items, "requests": requests, "list_ms": of_list, "single_ms": of_single})
    return 0


def each(loupe: RunningLoupe, pictures: int, work: Callable[[], object]) -> dict[str, float]:
    """Returns the milliseconds of processor time that each process took for a picture of some work."""
    before = seconds(loupe)
    work()
    after = seconds(loupe)
    return {name: 1000 * (after[name] - before[name]) / pictures for name in MARKS}


def seconds(loupe: RunningLoupe) -> dict[str, float]:
    """Returns the processor time of each program, of all its processes."""
    found = dict.fromkeys(MARKS, 0.0)
    for process in loupe.processes():
        words = process.cmdline()
        for name, mark in MARKS.items():
            if any(mark in word for word in words):
                found[name] += sum(process.cpu_times()[:2])
    return found


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
