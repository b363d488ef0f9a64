"""One more worker beside a Loupe's own, as on another machine: the same command with the same settings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.support.model import MODEL
from benchmarks.support.program import Program
from launch.programs import programs
from shared.settings import Settings
from tests.support.loupe import RunningLoupe

READY_S = 60


@contextmanager
def one_more(loupe: RunningLoupe, role: str, folder: Path) -> Iterator[float]:
    """Starts a worker and stops it at the end.

    Args:
        role: single or list, as `launch.programs` names them.
        folder: for its log.

    Yields:
        The seconds from its start until Loupe showed that it can answer.
    """
    known = {program.name: program for program in programs(Settings(data_dir=loupe.data_dir))}[role]
    command = [part.replace(f"{role}@%h", f"{role}@second") for part in known.command]
    program = Program(["nice", "-n", str(known.nice), *command], folder / f"{role}.log", loupe.environment)
    before = ready(loupe)
    started = time.perf_counter()
    program.start()
    try:
        program.wait(lambda: len(ready(loupe) - before) > 0, READY_S)
        yield time.perf_counter() - started
    finally:
        program.stop()


def ready_after(loupe: RunningLoupe, folder: Path) -> float:
    """Returns the seconds from the start of a worker for single images until it can answer."""
    with one_more(loupe, "single", folder) as seconds:
        return seconds


def ready(loupe: RunningLoupe) -> set[str]:
    """Returns the ids of the workers that hold the model."""
    workers = loupe.get(f"/api/v1/models/{MODEL}").json()["workers"]
    return {worker["id"] for worker in workers if worker["state"] == "ready"}
