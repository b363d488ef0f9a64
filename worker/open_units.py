"""The single pictures a process works on: each goes from step to step, and no thread waits for another one's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
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
BUSY, PATIENCE_S = 24, 0.02
# How long a thread of Celery's waits for room before it brings the next one all the same: it has messages at hand that
# are older than those in the queue.
HOLD_S = 0.25
# One thread does what is left of so many pictures. Of fewer, and more threads would want Python's lock; of more, and
# they would wait for each other where the storage is far away.
LEFT_AT_ONCE = 4
# For so long the next batch waits for what is left of the last one. It is larger then, which saves more than it costs.
LEFT_S = 0.02

Come = tuple[Running, Ready | Outcome]


class OpenUnits:
    """Runs units in threads of its own, a few for the cores and more for hosts that are slow.

    A picture is fetched and decoded by one thread. Whoever is done first predicts all that have come meanwhile, records
    them in one step and takes as many others. What is left of a picture then is another thread's: it may have to wait
    for the storage.

    Args:
        runner: claims units and records their outcomes.
        work: what is done with a unit.
        queue: where the next units are taken from.
    """

    def __init__(self, runner: Runner, work: SingleWork, queue: Queue) -> None:
        self._runner = runner
        self._work = work
        self._queue = queue
        # Enough for all that are open, beside the one that ends others and those that are just leaving.
        self._threads = ThreadPoolExecutor(2 * MOST_OPEN, "unit")
        self._batcher = Batcher[Come](self._finish, BATCH_SIZES[-1])
        self._under_way: set[Running] = set()
        # Units that a thread has for itself: those it runs from beginning to end, and those that something is left of.
        self._with_a_thread = 0
        self._changed = Condition()
        # The first thread is there before anything is claimed.
        self._threads.submit(int)

    def take(self, unit_id: str) -> None:
        """Begins a unit, and returns when there is room for the next one."""
        self._begin([unit_id], patient=True)
        until = time.monotonic() + HOLD_S
        with self._changed:
            while self._open >= MOST_OPEN or (self._room <= 0 and time.monotonic() < until):
                self._changed.wait(PATIENCE_S)

    @property
    def _open(self) -> int:
        return len(self._under_way) + self._with_a_thread

    @property
    def _room(self) -> int:
        """For how many more units there is room."""
        busy = sum(not running.lease.idle_for(PATIENCE_S) for running in self._under_way)
        return min(BUSY - busy, MOST_OPEN - self._open)

    def _begin(self, unit_ids: Sequence[str], *, patient: bool) -> None:
        begun, lost = self._runner.begin(unit_ids, patient=patient)
        with self._changed:
            self._under_way.update(begun)
        for running in begun:
            running.lease.give_way_when(lambda: self._open > CROWDED)
            self._start(partial(self._prepare, running))
        for unit_id in lost:
            self._start_counted(partial(self._runner.run, unit_id, self._work, self._queue), 1)

    def _start(self, work: Callable[[], None]) -> Future[None] | None:
        try:
            return self._threads.submit(work)
        except RuntimeError as error:
            # The system has no thread left: it is done by those that there are.
            log.warning("no thread more: %s", error)
            return None

    def _start_counted(self, work: Callable[[], None], places: int) -> Future[None] | None:
        """Starts work that has places of its own until its end."""

        def counted() -> None:
            try:
                work()
            finally:
                with self._changed:
                    self._with_a_thread -= places
                    self._changed.notify_all()

        with self._changed:
            self._with_a_thread += places
        return self._start(counted)

    def _prepare(self, running: Running) -> None:
        with ExitStack() as held:
            held.callback(self._leave, [running])
            held.callback(running.close)
            come = self._runner.step(running, self._work.prepare)
            if come is None:
                return
            # Until it is its turn, and over what nobody can interrupt.
            running.enter(running.lease.waiting(TURN_S))
            held.pop_all()
        self._batcher.add((running, come))

    def _finish(self, batch: list[Come]) -> None:
        units = [running for running, _ in batch]
        with ExitStack() as held:
            held.callback(self._leave, units)
            for running in units:
                held.callback(running.close)
            ended = self._ended(batch)
            self._leave(units)
            stand, taken = self._runner.finish(ended, self._queue, self._wanted(len(ended)))
        try:
            # A process that is about to stop leaves them: they are not claimed, and sent again.
            if taken and not self._runner.keeper.stopping:
                self._begin(taken, patient=False)
        finally:
            self._do_what_is_left(stand)

    def _do_what_is_left(self, ended: Sequence[Ended]) -> None:
        """Has other threads do what nobody waits for, and gives them a moment."""
        others_wait = bool(self._under_way)
        parts = [ended[start : start + LEFT_AT_ONCE] for start in range(0, len(ended), LEFT_AT_ONCE)]
        begun = [self._start_counted(partial(do_the_rest, part, others_wait=others_wait), len(part)) for part in parts]
        wait([each for each in begun if each], LEFT_S)

    def _ended(self, batch: list[Come]) -> list[Ended]:
        """Returns what the units of a batch came to."""
        ready = [(running, come) for running, come in batch if isinstance(come, Ready)]
        with ExitStack() as timed:
            for running, _ in ready:
                timed.enter_context(running.timed("predict"))
            try:
                predicted: Sequence[Outcome | None] = self._work.predict([(one.claim, come) for one, come in ready])
            except Exception as error:  # noqa: BLE001 - each of them ends with it
                predicted = [self._runner.step(running, partial(_fail, error)) for running, _ in ready]
        ended = [(running, outcome) for (running, _), outcome in zip(ready, predicted, strict=True) if outcome]
        return ended + [(running, come) for running, come in batch if isinstance(come, Outcome)]

    def _wanted(self, ending: int) -> int:
        """Returns how many units to take from the queue, when so many are still to have what is left of them done."""
        with self._changed:
            return max(0, min(self._room, MOST_OPEN - self._open - ending)) if self._runner.can_begin else 0

    def _leave(self, left: Sequence[Running]) -> None:
        with self._changed:
            self._under_way.difference_update(left)
            self._changed.notify_all()


def _fail(error: Exception, *_: object) -> Outcome:
    raise error
