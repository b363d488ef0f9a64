"""How long one picture takes, alone and among others: `make bench`.

Starts Loupe's real processes, then sends uploads with `Prefer: wait`. Prints the median and the 95th percentile of the
time until the answer, in milliseconds, and answers a second. A shared machine is noisy: compare runs of one day only.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.support.loupe import RunningLoupe
from tests.support.pictures import encode, photo

REQUESTS = 400
CLIENTS = (1, 8, 32)
WAIT = {"Prefer": "wait=30"}
_local = threading.local()


def main() -> None:
    """Runs each number of clients once, after a warm-up."""
    picture = encode(".jpg", photo(500, 375))
    with tempfile.TemporaryDirectory() as folder, RunningLoupe(Path(folder) / "var") as loupe:
        loupe.wait_ready(180)
        measure(loupe, picture, 8, 50)
        sys.stdout.write(f"{'clients':>8} {'median ms':>10} {'95th ms':>10} {'a second':>10}\n")
        for clients in CLIENTS:
            times, seconds = measure(loupe, picture, clients, REQUESTS)
            median, late = statistics.median(times) * 1000, statistics.quantiles(times, n=20)[-1] * 1000
            sys.stdout.write(f"{clients:>8} {median:>10.1f} {late:>10.1f} {len(times) / seconds:>10.0f}\n")


def measure(loupe: RunningLoupe, picture: bytes, clients: int, count: int) -> tuple[list[float], float]:
    """Returns the seconds of each request and of all."""

    def one(_: int) -> float:
        if not hasattr(_local, "session"):
            _local.session = requests.Session()
        started = time.perf_counter()
        answer = _local.session.post(
            f"{loupe.base_url}/api/v1/classifications", files={"file": ("a.jpg", picture)}, headers=WAIT, timeout=60
        )
        taken = time.perf_counter() - started
        if answer.json()["status"] != "succeeded":
            raise RuntimeError(f"expected an answer, received {answer.text}")
        return taken

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = list(pool.map(one, range(count)))
    return times, time.perf_counter() - started


if __name__ == "__main__":
    main()
