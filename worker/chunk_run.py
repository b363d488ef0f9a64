"""One chunk under way. Its items end on the pool's threads; whoever completes a batch predicts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Lock

from shared.items import ItemInput
from shared.jobs.lease import Lease
from worker.engine.base import BATCH_SIZES
from worker.outcome import Classified, Ready, Request
from worker.pipeline import Pipeline

LOOK_EVERY_S = 0.25


class ChunkRun:
    """Gathers the outcomes of a chunk's items.

    Args:
        inputs: the items; for each `work` is called once, on any thread.
        lease: of the chunk.
        on_begun: called once every item has begun.
        small_side: how large a small copy to draw of an item; 0 for none.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        request: Request,
        inputs: Sequence[ItemInput],
        lease: Lease,
        on_begun: Callable[[], None],
        small_side: Callable[[ItemInput, Request], int],
    ) -> None:
        self._pipeline = pipeline
        self._request = request
        self._lease = lease
        self._on_begun = on_begun
        self._small_side = small_side
        self._count = self._to_begin = self._to_gather = len(inputs)
        self._ready: list[Ready] = []
        self._done: list[Classified] = []
        self._error: BaseException | None = None
        self._lock = Lock()
        self._ended = Event()

    def work(self, item: ItemInput) -> None:
        """Fetches and prepares one item, and with the last of a batch predicts the batch."""
        with self._lock:
            self._to_begin -= 1
            last = not self._to_begin
        if last:
            self._on_begun()
        if self._ended.is_set():
            return
        try:
            side = self._small_side(item, self._request)
            batch = self._gather(self._pipeline.prepare(item, self._request, self._lease, side))
            if batch:
                self._finish(self._pipeline.predict(batch, self._request, self._lease))
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
            if self._to_begin:
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
