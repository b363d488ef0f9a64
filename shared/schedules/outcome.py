"""How a run ended, told by its training's job."""

from __future__ import annotations

from typing import Any

from shared.jobs.model import Job, Status
from shared.schedules.record import Run


def ended_by(run: Run, job: Job) -> Run:
    """Returns the run as its training leaves it: at its end, or unchanged while that goes on."""
    if not job.status.final:
        return run
    if job.status is not Status.SUCCEEDED:
        return failed(run, job)
    result = job.result or {}
    told = run.with_(version=(result.get("model") or {}).get("version"), promoted=result.get("promoted"))
    return told.ended("caught_up" if run.late else "ran", _told(result))


def failed(run: Run, job: Job) -> Run:
    """Returns the run at its end by a job that came to nothing."""
    if job.status is Status.CANCELED:
        return run.ended("failed", f"The {job.kind} was canceled.")
    error = job.error or {}
    return run.ended("failed", f"The {job.kind} failed, {error.get('code')}: {error.get('message')}")


def _told(result: dict[str, Any]) -> str | None:
    reason = result.get("reason")
    return None if reason is None else str(reason)
