"""The single pictures a process works on: each goes from step to step, and no thread waits for another one's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Condition

from shared.jobs.model import Outcome, Queue
from shared.jobs.runner import Ended, Runner, do_the_rest
from shared.jobs.running import Running
from worker.batcher import Batcher
from worker.engine.base import BATCH_SIZES
from worker.outcome import Ready
from worker.pipeline import TURN_S
from worker.single import SingleWork

log = logging.getLogger(__name__)

# Fetching is waiting: more threads than cores, so that slow hosts leave some for others.
MOST_OPEN = 64
# While more are open, a picture that waits for others to be done with its host goes back to the queue.
CROWDED = MOST_OPEN // 2
# So many are under way at a time, not counting those that have waited for their host for longer than this.
BUSY, PATIENCE_S = 16, 0.02
# How long a thread of Celery's waits for room before it brings the next one all the same: it has messages at hand that
# are older than those in the queue.
HOLD_S = 0.25

Come = tuple[Running, Ready | Outcome]


class OpenUnits:
    """Runs units in threads of its own, a few for the cores and more for hosts that are slow.

    A picture is fetched and decoded by one thread. Whoever is done first predicts all that have come meanwhile, records
    them in one step, takes as many others, and draws the small pictures, while the next ones are decoded.

    Args:
        runner: claims units and records their outcomes.
        work: what is done with a unit.
        queue: where the next units are taken from.
    """

    def __init__(self, runner: Runner, work: SingleWork, queue: Queue) -> None:
        self._runner = runner
        self._work = work
        self._queue = queue
        self._threads = ThreadPoolExecutor(MOST_OPEN, "unit")
        self._batcher = Batcher[Come](self._finish, BATCH_SIZES[-1])
        self._under_way: set[Running] = set()
        # Those that one thread runs from their beginning to their end.
        self._apart = 0
        self._changed = Condition()
        # The first of them is there before anything is claimed.
        self._threads.submit(int)

    def take(self, unit_id: str) -> None:
        """Begins a unit, and returns when there is room for the next one."""
        self._begin([unit_id])
        until = time.monotonic() + HOLD_S
        with self._changed:
            while self._open >= MOST_OPEN or (self._room <= 0 and time.monotonic() < until):
                self._changed.wait(PATIENCE_S)

    @property
    def _open(self) -> int:
        return len(self._under_way) + self._apart

    @property
    def _room(self) -> int:
        """For how many more units there is room."""
        busy = sum(not running.lease.idle_for(PATIENCE_S) for running in self._under_way)
        return min(BUSY - busy, MOST_OPEN - self._open)

    def _begin(self, unit_ids: Sequence[str]) -> None:
        begun, others = self._runner.begin(unit_ids)
        with self._changed:
            self._under_way.update(begun)
            self._apart += len(others)
        for running in begun:
            running.lease.give_way_when(lambda: self._open > CROWDED)
            self._start(partial(self._prepare, running))
        for unit_id in others:
            self._start(partial(self._run_apart, unit_id))

    def _start(self, work: Callable[[], None]) -> None:
        try:
            self._threads.submit(work)
        except RuntimeError as error:
            # The system has no thread left: it is done by those that there are.
            log.warning("no thread more: %s", error)

    def _run_apart(self, unit_id: str) -> None:
        try:
            self._runner.run(unit_id, self._work, self._queue)
        finally:
            with self._changed:
                self._apart -= 1
                self._changed.notify_all()

    def _prepare(self, running: Running) -> None:
        come = None
        try:
            come = self._runner.step(running, self._work.prepare)
        finally:
            if come is None:
                running.close()
                self._leave([running])
        if come is None:
            return
        # Until it is its turn, and over what nobody can interrupt.
        running.enter(running.lease.waiting(TURN_S))
        self._batcher.add((running, come))

    def _finish(self, batch: list[Come]) -> None:
        units = [running for running, _ in batch]
        with ExitStack() as held:
            held.callback(self._leave, units)
            for running in units:
                held.callback(running.close)
            ended = self._ended(batch)
            # What is taken next has their places.
            self._leave(units)
            stand, taken = self._runner.finish(ended, self._queue, self._wanted())
            if taken:
                self._begin(taken)
            do_the_rest(stand, others_wait=bool(self._under_way))

    def _ended(self, batch: list[Come]) -> list[Ended]:
        """Returns what the units of a batch came to."""
        ready = [(running, come) for running, come in batch if isinstance(come, Ready)]
        with ExitStack() as timed:
            for running, _ in ready:
                timed.enter_context(running.timed("predict"))
            outcomes = self._work.predict([(running.claim, come) for running, come in ready])
        ended = [(running, outcome) for (running, _), outcome in zip(ready, outcomes, strict=True)]
        return ended + [(running, come) for running, come in batch if isinstance(come, Outcome)]

    def _wanted(self) -> int:
        """Returns how many units to take from the queue."""
        with self._changed:
            return 0 if self._runner.keeper.stopping else max(0, self._room)

    def _leave(self, left: Sequence[Running]) -> None:
        with self._changed:
            self._under_way.difference_update(left)
            self._changed.notify_all()
