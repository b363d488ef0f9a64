"""The work of a list's unit: a chunk of its items, fetched side by side and predicted in whole batches."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from functools import partial

from shared import items
from shared.fetch.urls import host
from shared.items import ItemInput
from shared.jobs.chunks import read_chunk, write_chunk
from shared.jobs.lease import JobCanceled, Lease
from shared.jobs.model import Claim, Outcome
from shared.storage import Storage
from worker.chunk_run import ChunkRun
from worker.host_pool import HostPool
from worker.outcome import Classified, Request
from worker.pictures import LIST_SIDE, Pictures
from worker.pipeline import Pipeline
from worker.reader import STORAGE_S
from worker.room import Room

# Every one of the first pictures of a list is kept small; beyond these only the failed and the unsure.
PICTURES_KEPT = 1000


class ChunkWork:
    """Classifies the items of a claimed chunk, and writes their outcomes to storage before they count.

    Args:
        pool: the threads that all chunks of the process share.
    """

    def __init__(self, pipeline: Pipeline, storage: Storage, pictures: Pictures, pool: HostPool) -> None:
        self._pipeline = pipeline
        self._storage = storage
        self._pictures = pictures
        self._pool = pool
        self._room = Room()

    def __call__(self, claim: Claim, lease: Lease, on_begun: Callable[[], None] = lambda: None) -> Outcome:
        """Returns what the chunk came to; of a canceled one, what was done before.

        Args:
            on_begun: called once every item has begun.
        """
        with lease.waiting(STORAGE_S):
            inputs = read_chunk(self._storage, claim)
        run = ChunkRun(self._pipeline, Request.of(claim.spec), inputs, lease, on_begun, self._small_side, self._room)
        for item in inputs:
            # What is no address, and uploads, have a line without a name.
            line = host(item.url or "")
            self._pool.submit(line, partial(copy_context().run, run.work, item, line))
        try:
            classified = run.wait()
        except JobCanceled:
            classified = run.stop()
        if not classified:
            return Outcome(done=0)
        done = [each.item for each in classified]
        with lease.waiting(STORAGE_S):
            outcome = items.chunk_outcome(done, write_chunk(self._storage, claim, done))

        def after(_others_wait: bool) -> None:
            self._pictures.keep_drawn(claim.job_id, filter(_worth_keeping, classified))
            self._pictures.forget(inputs)

        return replace(outcome, after=after)

    def _small_side(self, item: ItemInput, request: Request) -> int:
        """Returns how large a small copy to draw of an item; 0 where it is clear that none will be kept."""
        wanted = item.index < PICTURES_KEPT or request.threshold is not None
        return LIST_SIDE if wanted and self._pictures.kept else 0


def _worth_keeping(classified: Classified) -> bool:
    item = classified.item
    return item["index"] < PICTURES_KEPT or item["below_threshold"] or item["error"] is not None
