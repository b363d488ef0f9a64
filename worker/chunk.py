"""The work of a list's unit: a chunk of its items, fetched side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace

from shared import items
from shared.items import ItemInput
from shared.jobs.chunks import read_chunk, write_chunk
from shared.jobs.lease import JobCanceled, Lease
from shared.jobs.model import Claim, Json, Outcome
from shared.storage import Storage
from worker.pictures import LIST_SIDE, Pictures
from worker.pipeline import Classified, Pipeline, Request

# Fetching is waiting: more threads than cores. The cap per host is the fetcher's.
THREADS = 32
# Every one of the first pictures of a list is kept small; beyond these only the failed and the unsure.
PICTURES_KEPT = 1000


class ChunkWork:
    """Classifies the items of a claimed chunk, and writes their outcomes to storage before they count."""

    def __init__(self, pipeline: Pipeline, storage: Storage, pictures: Pictures) -> None:
        self._pipeline = pipeline
        self._storage = storage
        self._pictures = pictures

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Returns what the chunk came to; of a canceled one, what was done before."""
        request = Request.of(claim.spec)
        inputs = read_chunk(self._storage, claim)
        done = self._classify_all(claim, inputs, request, lease)
        if not done:
            return Outcome(done=0)
        outcome = items.chunk_outcome(done, write_chunk(self._storage, claim, done))
        return replace(outcome, after=lambda: self._pictures.forget(inputs))

    def _classify(self, claim: Claim, item: ItemInput, request: Request, lease: Lease) -> Json:
        classified = self._pipeline.classify(item, request, lease)
        if self._worth_keeping(classified):
            self._pictures.keep(claim.job_id, classified, LIST_SIDE)
        return classified.item

    @staticmethod
    def _worth_keeping(classified: Classified) -> bool:
        item = classified.item
        return item["index"] < PICTURES_KEPT or item["below_threshold"] or item["error"] is not None

    def _classify_all(self, claim: Claim, inputs: list[ItemInput], request: Request, lease: Lease) -> list[Json]:
        # Threads of the chunk's own: behind another chunk's items it would stand still and lose its lease.
        pool = ThreadPoolExecutor(min(THREADS, len(inputs)), thread_name_prefix="item")
        running = [pool.submit(copy_context().run, self._classify, claim, item, request, lease) for item in inputs]
        done = []
        try:
            for future in as_completed(running):
                # Of a canceled job every item that has not begun stops by itself; what is done stays.
                with suppress(JobCanceled):
                    done.append(future.result())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return sorted(done, key=lambda item: int(item["index"]))
