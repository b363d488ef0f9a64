"""Runs every benchmark of serving, one after another: `python -m benchmarks [--quick]`, or `make bench`.

Takes a quarter of an hour on two cores; nothing else should run meanwhile.
"""

from __future__ import annotations

import sys
import time
import traceback

from benchmarks import compare, failures, latency, memory, page_times, scaling, tune
from benchmarks.support.options import Benchmark, Options, parsed
from benchmarks.support.world import World

ALL: dict[str, Benchmark] = {
    "tune": tune.run,
    "compare": compare.run,
    "latency": latency.run,
    "memory": memory.run,
    "scaling": scaling.run,
    "failures": failures.run,
    "page_times": page_times.run,
}


def main() -> int:
    """Runs all of them in one world, whatever one of them comes to. Returns 1 if a target was missed."""
    options = parsed(__doc__)
    statuses = []
    with World() as world:
        for name, run in ALL.items():
            if options.quick and name == "tune":
                continue
            print(f"{name}:", flush=True)
            started = time.monotonic()
            statuses.append(_status(run, world, options))
            print(f"  took {time.monotonic() - started:.0f} s", flush=True)
    return max(statuses)


def _status(run: Benchmark, world: World, options: Options) -> int:
    try:
        return run(world, options)
    except Exception:  # noqa: BLE001 - the other benchmarks are still worth their time
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    sys.exit(main())
