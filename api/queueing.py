"""The last step of accepting work: its record and its messages, and the wait for its end if that is preferred."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import request

from api.access.caller import caller
from api.prefer import preferred_wait, wait_for_end
from api.services import Services
from shared.errors import LoupeError, RedisUnavailable
from shared.jobs.files import folder
from shared.jobs.model import Job, NewJob
from shared.jobs.store import Created


def create_job(services: Services, new: NewJob) -> Created:
    """Creates a job, which belongs to who asks for it.

    A request that prefers to wait for it gets it as it is at its end, or when the time is up.

    Raises:
        QueueFull, IdempotencyMismatch: see `JobStore.create`.
    """
    asking = caller()
    if asking is not None:
        new = replace(new, owner=asking.name)
    wait_s = preferred_wait(request)
    if not wait_s:
        return services.jobs.create(new)
    # Watched before it is there, so that its end cannot be missed.
    with services.events.watch(new.id) as watch:
        created = services.jobs.create(new)
        if created.replayed:
            return created
        return replace(created, job=wait_for_end(services, created.job, wait_s, watch))


def create_job_with_files(
    services: Services, job_id: str, make: Callable[[], NewJob], give_back: Callable[[], None] = lambda: None
) -> Created:
    """Creates a job whose files are stored first; where no new job comes of it, they go again.

    Args:
        make: stores the files in the job's folder, and returns the job.
        give_back: takes back what else was done for the job; called where no new one comes of it.

    Raises:
        LoupeError: as `make` and `create_job` raise.
    """
    try:
        new = make()
        # Storage has what the request brought. The request may wait for a minute, and is not to hold it a second time.
        request.close()
        created = create_job(services, new)
    except RedisUnavailable:
        # The answer may have been lost after the job was made, and then it needs its files.
        raise
    except LoupeError:
        # Anything unforeseen may have come after the job was made, too; files without a job are swept.
        give_back()
        services.storage.delete(folder(job_id))
        raise
    if created.replayed:
        give_back()
        services.storage.delete(folder(job_id))
    return created


def hold(services: Services, created: Created) -> Created:
    """Waits in the same way for a job that was created otherwise."""
    wait_s = preferred_wait(request)
    if not wait_s or created.replayed:
        return created
    return replace(created, job=look(services, created.job.id, wait_s))


def look(services: Services, job_id: str, wait_s: int | None) -> Job:
    """Returns a job as it is, or at its end if that comes within `wait_s` seconds.

    Raises:
        JobNotFound, JobExpired: see `JobStore.get`.
    """
    if not wait_s:
        return services.jobs.get(job_id)
    with services.events.watch(job_id) as watch:
        # Looked at now that nothing can be missed.
        return wait_for_end(services, services.jobs.get(job_id), wait_s, watch)
