"""The in-process ceiling: what the machine can do without a queue, a job, a record or a server.

    python -m benchmarks.ceiling MODEL_FOLDER BASE_URL THREADS BATCH SECONDS

Each thread fetches a batch of pictures, decodes them and predicts them together, and begins again. Prints JSON:
pictures and seconds. `benchmarks.compare` runs it in a process of its own among the other contestants.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.peers.work import Model, Pictures
from benchmarks.support.urls import picture_urls


def main(folder: Path, base_url: str, threads: int, batch: int, seconds: float) -> None:
    """Runs it once and prints what came of it."""
    done, taken = measured(Model(folder), picture_urls(base_url), threads, batch, seconds)
    print(json.dumps({"pictures": done, "seconds": taken}))


def measured(model: Model, urls: Iterator[str], threads: int, batch: int, seconds: float) -> tuple[int, float]:
    """Returns how many pictures were classified, and in how many seconds."""
    pictures, lock = Pictures(threads), threading.Lock()

    def run(deadline: float) -> int:
        count = 0
        while time.perf_counter() < deadline:
            with lock:
                mine = list(itertools.islice(urls, batch))
            count += len(model.classify([pictures.read(url) for url in mine]))
        return count

    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        done = sum(pool.map(run, [started + seconds] * threads))
        return done, time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
