"""Why a job that waits is waiting."""

from __future__ import annotations

from api.pages.ahead import MOST_COUNTED, ahead_of
from api.pages.format import about, plural
from api.services import services
from shared.heartbeat import processes
from shared.jobs.model import Job, Kind, Status

WORKERS = {"single": "worker for single pictures", "list": "worker for batches", "trainer": "trainer"}


def role_for(job: Job) -> str:
    """Returns which kind of process does the job."""
    if job.kind is not Kind.CLASSIFICATION:
        return "trainer"
    return "single" if job.single else "list"


def why_waiting(job: Job) -> str:
    """Returns a sentence or two: nobody there to do it, others first, or next in line. Empty unless it waits."""
    if job.status is Status.CANCELING:
        return "It stops after the piece of work it is in."
    if job.status is not Status.QUEUED:
        return ""
    role = role_for(job)
    states = [state for state in processes(services().redis) if state.role == role]
    if not states:
        return f"No {WORKERS[role]} is running just now. The job keeps its place and starts by itself when one is back."
    ahead = ahead_of(job, len(states))
    if ahead.count >= MOST_COUNTED:
        return f"More than {plural(MOST_COUNTED, 'job')} are ahead of it."
    if ahead.count:
        time = f", about {about(ahead.seconds)}" if ahead.seconds is not None else ""
        return f"{plural(ahead.count, 'job')} {'is' if ahead.count == 1 else 'are'} ahead of it{time}."
    return f"It is next in line; the {WORKERS[role]} takes it as soon as it is free."
