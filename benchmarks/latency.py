"""How long a single job takes while a long list runs, against an idle Loupe.

    python -m benchmarks.latency [--quick]

One client asks for one picture after another, first alone, then while a list of 20,000 URLs is classified. Loupe runs
with its defaults: lists have a process of their own, at a lower priority.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.support.checks import Check
from benchmarks.support.jobs import FINAL, single_target, start_list, wait_for
from benchmarks.support.load import load
from benchmarks.support.options import Options, alone
from benchmarks.support.results import record
from benchmarks.support.stats import percentile
from benchmarks.support.world import READY_S, World
from tests.support.loupe import RunningLoupe

ITEMS, REQUESTS = 20_000, 300
# A slice of requests, after each of which the list is looked at.
SLICE = 20


def run(world: World, options: Options) -> int:
    """Measures both and judges their ratio."""
    with world.loupe() as loupe:
        loupe.wait_ready(READY_S)
        load(single_target(loupe), world.urls, clients=1, count=50, seconds=30)
        idle = load(single_target(loupe), world.urls, clients=1, count=options.of(REQUESTS), seconds=60).times
        job = start_list(loupe, world.take(options.of(ITEMS)))
        busy = while_running(loupe, world, job)
    found = {name: figures(times) for name, times in {"idle": idle, "busy": busy}.items()}
    ratio = found["busy"]["p95_ms"] / found["idle"]["p95_ms"]
    for name, one in found.items():
        print(f"  {name}: median {one['median_ms']:.1f} ms, 95th percentile {one['p95_ms']:.1f} ms")
    checks = [Check("95th percentile of single jobs during a list, times the idle one", ratio, most=4)]
    return record("latency", checks, {"items": options.of(ITEMS), **found}, quick=options.quick)


def while_running(loupe: RunningLoupe, world: World, job: str) -> list[float]:
    """Returns the seconds of single jobs from the first item of a list to its end."""
    wait_for(loupe, job, lambda state: state["progress"]["done"] > 0, 60)
    times: list[float] = []
    while loupe.get(f"/api/v1/jobs/{job}").json()["status"] not in FINAL:
        times += load(single_target(loupe), world.urls, clients=1, count=SLICE, seconds=60).times
    return times


def figures(times: Sequence[float]) -> dict[str, float]:
    """Returns the count, the median and the 95th percentile, in milliseconds."""
    return {
        "requests": len(times),
        "median_ms": 1000 * percentile(times, 50),
        "p95_ms": 1000 * percentile(times, 95),
    }


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
