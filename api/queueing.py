"""The last step of accepting work: its record, then its messages."""

from __future__ import annotations

import logging

from api.deadline import budget
from api.services import Services
from shared.jobs.model import NewJob
from shared.jobs.store import Created

log = logging.getLogger(__name__)


def create_job(services: Services, new: NewJob) -> Created:
    """Creates a job and sends its units to their queue; from here on the job is accepted.

    Raises:
        QueueFull, IdempotencyMismatch: see `JobStore.create`.
    """
    created = services.jobs.create(new)
    if not created.replayed:
        _enqueue(services, new)
    return created


def _enqueue(services: Services, new: NewJob) -> None:
    unit_ids = [f"{new.id}:{number}" for number in range(len(new.units))]
    try:
        with budget().spending():
            services.enqueue(new.queue, unit_ids)
    except Exception as error:  # noqa: BLE001 - brokers fail in many ways; the job exists, and the reaper sends it again
        log.warning("job %s is not in its queue yet: %s", new.id, error)
