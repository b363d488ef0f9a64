"""Whose a job is: the key's that asked for it."""

from __future__ import annotations

from api.access import audit
from api.access.caller import caller, may
from shared.access import Scope
from shared.errors import Forbidden
from shared.jobs.model import Job


def owns(job: Job) -> bool:
    """Says whether a job is of who asks."""
    asking = caller()
    return asking is not None and asking.name == job.owner


def may_change(job: Job) -> bool:
    """Says whether who asks may cancel a job, delete it, or have its webhook told again."""
    return owns(job) or may(Scope.ADMIN)


def check_owner(job: Job) -> None:
    """Refuses to change a job of somebody else, or of a schedule, to all but an admin.

    Raises:
        Forbidden: it is not theirs.
    """
    if owns(job):
        return
    if not may_change(job):
        whose = f"belongs to {job.owner}" if job.owner else "was made without a key, as those of schedules are"
        raise Forbidden(f"Job {job.id} {whose}; only a key of scope admin may change it.")
    if caller() is not None:
        audit.note(owner=job.owner)
