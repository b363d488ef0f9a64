"""The last step of accepting work: its record, then its messages."""

from __future__ import annotations

import logging
import threading

from api.deadline import budget
from api.services import Services
from shared.jobs.model import NewJob, Queue
from shared.jobs.store import Created

# So many messages are sent before a request is answered: enough to keep the workers busy until the rest follows.
AT_ONCE = 64

log = logging.getLogger(__name__)


def create_job(services: Services, new: NewJob) -> Created:
    """Creates a job and sends its units to their queue; from here on the job is accepted.

    Raises:
        QueueFull, IdempotencyMismatch: see `JobStore.create`.
    """
    created = services.jobs.create(new)
    if not created.replayed:
        unit_ids = [f"{new.id}:{number}" for number in range(len(new.units))]
        if _sent(services, new.queue, unit_ids[:AT_ONCE]) and len(unit_ids) > AT_ONCE:
            # A list of 100,000 has 1,563 messages, half a second's work: nobody waits for that.
            rest = unit_ids[AT_ONCE:]
            threading.Thread(target=_send, args=(services, new.queue, rest), name="enqueue", daemon=True).start()
    return created


def _send(services: Services, queue: Queue, unit_ids: list[str]) -> None:
    """Sends the rest of a long list, in parts, so that other requests get their turn and their connection."""
    for start in range(0, len(unit_ids), AT_ONCE):
        if not _sent(services, queue, unit_ids[start : start + AT_ONCE]):
            return


def _sent(services: Services, queue: Queue, unit_ids: list[str]) -> bool:
    try:
        with budget().spending():
            services.enqueue(queue, unit_ids)
    except Exception as error:  # noqa: BLE001 - brokers fail in many ways; the job exists, and the reaper sends it again
        log.warning("%s and what follows it is not in its queue yet: %s", unit_ids[0], error)
        return False
    return True
