"""What N workers can do, and what a load needs, by a queueing model of measured service times.

    python -m benchmarks.scaling_model [--arrivals 50 200 1000] [--fetch-ms 50 300] [--wait-ms 100]

Each process that does a picture's work is a server of an M/M/c queue (Erlang's C formula; Kleinrock, Queueing Systems
I, 1975): pictures come at random, and each takes its time of one core. A fetch is a delay that occupies a thread and no
core. Redis runs its commands on one core, one after the other, so its time for a picture bounds everything.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "service_times.json"
# Of each worker, for single pictures and for lists (`launch/programs.py`, `worker/process.py`).
THREADS = 64
# On a machine with more than two cores (`api/process.py`).
PROCESSES_OF_AN_API = 2
PER_HOST = 8
# How busy a server may be planned to be: the rest is for what comes in bursts, and for what the model leaves out.
MOST_BUSY = 0.7
# How many hosts a list's pictures come from.
HOSTS = {"one host": 1, "many hosts": 1000}


@dataclass(frozen=True)
class ServiceTimes:
    """Seconds of one core that a picture costs each process."""

    api: float
    worker: float
    redis: float

    @classmethod
    def of(cls, milliseconds: dict[str, float], worker: str) -> ServiceTimes:
        """Reads what `benchmarks.service_times` wrote of single pictures, or of a list."""
        return cls(milliseconds["api"] / 1000, milliseconds[worker] / 1000, milliseconds["redis"] / 1000)


@dataclass(frozen=True)
class Need:
    """What a load of single pictures needs.

    Attributes:
        worker_wait_s: mean wait of a picture for a worker's core.
        redis_busy: share of Redis's one core; above `MOST_BUSY` it is the limit.
    """

    workers: int
    apis: int
    worker_wait_s: float
    redis_busy: float

    @property
    def cores(self) -> float:
        """Cores to plan: one for each worker and each of an API's processes, and one for Redis."""
        return self.workers + self.apis * PROCESSES_OF_AN_API + 1


def wait_probability(servers: int, load: float) -> float:
    """Returns Erlang's C: the share of arrivals that wait.

    Args:
        load: arrivals a second times seconds of service, below the number of servers.
    """
    if load >= servers:
        return 1.0
    blocked = 1.0
    # Erlang's B by its recursion, which neither overflows nor cancels.
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(arrivals: float, service_s: float, servers: int) -> float:
    """Returns the mean seconds that an arrival waits; infinite where more comes than can be done."""
    load = arrivals * service_s
    if load >= servers:
        return math.inf
    return wait_probability(servers, load) * service_s / (servers - load)


def servers_for(arrivals: float, service_s: float, wait_s: float, slots: int = 0, held_s: float = 0.0) -> int:
    """Returns the fewest servers with whom the mean wait is at most `wait_s` and nobody is busier than planned.

    Args:
        slots: pictures that a server may have under way at once; 0 for any number.
        held_s: for how long each of them is, waits for hosts included.
    """
    servers = max(1, math.ceil(arrivals * service_s / MOST_BUSY))
    if slots:
        servers = max(servers, math.ceil(arrivals * held_s / (slots * MOST_BUSY)))
    while mean_wait(arrivals, service_s, servers) > wait_s:
        servers += 1
    return servers


def need(times: ServiceTimes, arrivals: float, fetch_s: float, wait_s: float) -> Need:
    """Returns what a load of single pictures needs, so that the mean wait for a core is at most `wait_s`."""
    workers = servers_for(arrivals, times.worker, wait_s, THREADS, fetch_s + times.worker)
    processes = servers_for(arrivals, times.api, wait_s)
    return Need(
        workers=workers,
        apis=math.ceil(processes / PROCESSES_OF_AN_API),
        worker_wait_s=mean_wait(arrivals, times.worker, workers),
        redis_busy=arrivals * times.redis,
    )


def list_rate(times: ServiceTimes, workers: int, fetch_s: float, hosts: int, per_host: int = PER_HOST) -> float:
    """Returns the pictures a second of a list: by cores, threads, connections to its hosts, or Redis."""
    by_cores = workers / times.worker
    by_threads = workers * THREADS / (fetch_s + times.worker)
    by_hosts = workers * per_host * hosts / fetch_s if fetch_s else math.inf
    return min(by_cores, by_threads, by_hosts, MOST_BUSY / times.redis)


def redis_limit(times: ServiceTimes) -> float:
    """Returns the pictures a second at which Redis is as busy as planned."""
    return MOST_BUSY / times.redis


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what loads need, and what workers do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--arrivals", type=float, nargs="+", default=[10, 50, 200, 500], help="single pictures a second"
    )
    parser.add_argument("--fetch-ms", type=float, nargs="+", default=[50, 300], help="of one picture")
    parser.add_argument("--wait-ms", type=float, default=20, help="the longest mean wait for a core")
    parser.add_argument("--times", type=Path, default=RESULTS, help="what benchmarks.service_times wrote")
    options = parser.parse_args(argv)
    measured = json.loads(options.times.read_text())
    single, listed = (ServiceTimes.of(measured[f"{kind}_ms"], kind) for kind in ("single", "list"))
    _print_singles(single, options.arrivals, options.fetch_ms, options.wait_ms)
    _print_lists(listed, options.fetch_ms)
    print(f"Redis is the limit at {redis_limit(single):,.0f} single pictures or {redis_limit(listed):,.0f} of lists.")
    return 0


def _print_singles(times: ServiceTimes, arrivals: Sequence[float], fetch_ms: Sequence[float], wait_ms: float) -> None:
    print("| single pictures a second | fetch | workers | APIs | cores | mean wait | Redis busy |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for rate, ms in product(arrivals, fetch_ms):
        found = need(times, rate, ms / 1000, wait_ms / 1000)
        wait = 1000 * found.worker_wait_s
        print(
            f"| {rate:g} | {ms:g} ms | {found.workers} | {found.apis} | {found.cores:g} "
            f"| {wait:.1f} ms | {found.redis_busy:.0%} |"
        )
    print()


def _print_lists(times: ServiceTimes, fetch_ms: Sequence[float]) -> None:
    columns = list(product(fetch_ms, HOSTS))
    print("| workers for lists | " + " | ".join(f"fetch {ms:g} ms, {hosts}" for ms, hosts in columns) + " |")
    print("| ---: |" + " ---: |" * len(columns))
    for workers in (1, 2, 4, 8, 16, 32):
        rates = [list_rate(times, workers, ms / 1000, HOSTS[hosts]) for ms, hosts in columns]
        print(f"| {workers} | " + " | ".join(f"{rate:,.0f}" for rate in rates) + " |")
    print()


if __name__ == "__main__":
    raise SystemExit(main())
