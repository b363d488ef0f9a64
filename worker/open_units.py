"""The single pictures a process works on: few at a time, and more while those wait for slow hosts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Queue
from shared.jobs.runner import Runner, Work

# Fetching is waiting: more threads than cores, so that slow hosts leave some for others. Lists have as many.
MOST_OPEN = 64
# While more are open, a picture that waits for others to be done with its host goes back to the queue.
CROWDED = MOST_OPEN // 2
# A picture that has waited for its host at the end of this is left waiting, and the next one is taken on.
PATIENCE_S = 0.02


class OpenUnits:
    """Runs units in threads of its own, for the threads of Celery, which are few.

    As many threads of Celery's would take each message before a thread that is done can take it, at twice the cost, and
    would all want Python's lock at once: 64 clients waited twice as long.

    Args:
        runner: claims units and records their outcomes.
        work: what is done with a unit.
        queue: where a thread that is done takes the next unit.
    """

    def __init__(self, runner: Runner, work: Work, queue: Queue) -> None:
        self._runner = runner
        self._work = work
        self._queue = queue
        self._threads = ThreadPoolExecutor(MOST_OPEN, "unit")
        self._open = 0
        self._lock = Lock()

    def take(self, unit_id: str) -> None:
        """Begins a unit, and returns once it and those taken after it have ended, or one waits for a slow host."""
        run = _Run(self._work, lambda: self._open > CROWDED)
        self._count(1)
        self._threads.submit(self._run, unit_id, run)
        while not run.ended.wait(PATIENCE_S):
            if run.idle:
                run.left = True
                return

    def _run(self, unit_id: str, run: _Run) -> None:
        try:
            # Whoever was left waiting takes no more: somebody else was begun in its place.
            self._runner.run(unit_id, run, self._queue, lambda: not run.left)
        finally:
            self._count(-1)
            run.ended.set()

    def _count(self, more: int) -> None:
        with self._lock:
            self._open += more


class _Run:
    """Units that one thread runs, one after the other."""

    def __init__(self, work: Work, crowded: Callable[[], bool]) -> None:
        self.ended = Event()
        self.left = False
        self._work = work
        self._crowded = crowded
        self._lease: Lease | None = None

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        self._lease = lease
        # What was lost has waited already, and would be behind all that waits.
        if not claim.losses:
            lease.give_way_when(self._crowded)
        return self._work(claim, lease)

    @property
    def idle(self) -> bool:
        """Whether the unit at hand waits for somebody else."""
        return self._lease is not None and self._lease.idle
