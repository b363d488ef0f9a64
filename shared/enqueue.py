"""Sends unit ids to their queue."""

from __future__ import annotations

from collections.abc import Sequence

from celery import Celery

from shared.jobs.model import Queue


class Enqueuer:
    """Sends each unit's id as a Celery message of its own.

    A message that cannot be sent is no loss: the unit waits in the job record, and the reaper sends it again.
    """

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def __call__(self, queue: Queue, unit_ids: Sequence[str]) -> None:
        """Sends the ids over one broker connection, without trying twice."""
        with self._celery.producer_pool.acquire(block=True, timeout=1) as producer:
            for unit_id in unit_ids:
                self._celery.send_task(
                    queue.value,
                    args=[unit_id],
                    queue=queue.value,
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                )
