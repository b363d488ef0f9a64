"""One chunk under way. Its items end on the pool's threads; whoever completes a batch predicts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Lock

from shared.items import ItemInput
from shared.jobs.lease import Lease
from worker.engine.base import BATCH_SIZES
from worker.host_pool import Elsewhere
from worker.outcome import Classified, Ready, Request
from worker.pipeline import TURN_S, Pipeline
from worker.room import Room

LOOK_EVERY_S = 0.25


class ChunkRun:
    """Gathers the outcomes of a chunk's items.

    Args:
        inputs: the items; for each `work` is called, on any thread.
        lease: of the chunk.
        on_begun: called once every item has begun.
        small_side: how large a small copy to draw of an item; 0 for none.
        room: for the pictures of all chunks.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        request: Request,
        inputs: Sequence[ItemInput],
        lease: Lease,
        on_begun: Callable[[], None],
        small_side: Callable[[ItemInput, Request], int],
        room: Room,
    ) -> None:
        self._pipeline = pipeline
        self._request = request
        self._lease = lease
        self._on_begun = on_begun
        self._small_side = small_side
        self._room = room
        self._count = self._in_line = self._to_gather = len(inputs)
        self._begun: set[int] = set()
        self._ready: list[Ready] = []
        self._done: list[Classified] = []
        self._error: BaseException | None = None
        self._lock = Lock()
        self._ended = Event()

    def work(self, item: ItemInput, line: str) -> None:
        """Fetches and prepares one item, and with the last of a batch predicts the batch.

        Args:
            line: the host that the item has waited for, which may redirect to another one.

        Raises:
            Elsewhere: that other one is busy, and the item is to wait in its line, once.
        """
        first = self._begin(item)
        if self._ended.is_set():
            return
        try:
            side = self._small_side(item, self._request)
            on_busy = partial(_leave, line, first)
            with self._room.place() as take:
                outcome = self._pipeline.prepare(item, self._request, self._lease, side, on_busy, take)
            batch = self._gather(outcome)
            if batch:
                with self._lease.waiting(TURN_S):
                    self._finish(self._pipeline.predict(batch))
        except Elsewhere:
            with self._lock:
                self._in_line += 1
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it ends the chunk and is raised by its thread
            self._error = error
            self._ended.set()

    def wait(self) -> list[Classified]:
        """Returns all outcomes in the order of the list.

        Raises:
            LeaseLost, JobCanceled, Stopping: the chunk is to stop.
            StorageUnavailable: what it needs cannot be read for now.
        """
        while not self._ended.wait(LOOK_EVERY_S):
            # An item that waits for a silent host would notice only at its deadline.
            self._lease.check()
            if self._in_line:
                # They wait their turn behind items whose work is bounded.
                self._lease.advance()
        if self._error:
            raise self._error
        return self.stop()

    def stop(self) -> list[Classified]:
        """Returns the outcomes there are; what still comes is dropped."""
        self._ended.set()
        with self._lock:
            return sorted(self._done, key=lambda each: int(each.item["index"]))

    def _begin(self, item: ItemInput) -> bool:
        """Returns whether an item begins for the first time."""
        with self._lock:
            self._in_line -= 1
            first = item.index not in self._begun
            self._begun.add(item.index)
            all_begun = len(self._begun) == self._count
        if all_begun:
            self._on_begun()
        return first

    def _gather(self, outcome: Ready | Classified) -> list[Ready]:
        """Returns the batch that is to be predicted now, if any."""
        with self._lock:
            self._to_gather -= 1
            if isinstance(outcome, Classified):
                self._done.append(outcome)
            else:
                self._ready.append(outcome)
            if self._to_gather and len(self._ready) < BATCH_SIZES[-1]:
                return []
            batch, self._ready = self._ready, []
        if not batch:
            self._finish([])
        return batch

    def _finish(self, classified: Sequence[Classified]) -> None:
        with self._lock:
            self._done.extend(classified)
            ended = len(self._done) == self._count
        if ended:
            self._ended.set()


def _leave(line: str, once: bool, host: str) -> None:
    """Gives a thread back, once, rather than wait in it for another host than the one whose turn was waited for."""
    if once and host != line:
        raise Elsewhere(host)
