"""Watches a job until its end."""

from __future__ import annotations

from loupe.cli.app import App
from loupe.cli.meter import Meter
from loupe.cli.output import percent
from loupe.types import Job


def watch(app: App, job: Job, timeout_s: float | None = None) -> Job:
    """Returns a job at its end, and shows until then how far it is.

    Raises:
        StillRunning: it has not ended in time.
    """
    if job.ended:
        return job
    with Meter(app.output, f"Job {job.id}") as meter:
        for seen in app.client.jobs.follow(job, timeout_s):
            if not seen.ended:
                meter.show(progress_words(seen), seen.done, seen.total or None)
            job = seen
    return job


def progress_words(job: Job) -> str:
    """Returns how far a job is, in words."""
    if job.status != "running":
        return {"queued": "waiting", "canceling": "stopping"}.get(job.status, job.status)
    if job.progress.get("epochs"):
        return " ".join(filter(None, (f"epoch {job.progress.get('epoch')} of {job.progress['epochs']}", _loss(job))))
    if not job.total:
        return str(job.progress.get("phase") or "running")
    failed = f", {job.failed} failed" if job.failed else ""
    return f"{job.done} of {job.total}{failed}"


def _loss(job: Job) -> str:
    history = job.progress.get("history") or []
    if not history:
        return ""
    loss, accuracy = history[-1].get("loss"), history[-1].get("val_accuracy")
    shown = [f"loss {loss:.3f}"] if isinstance(loss, float) else []
    if isinstance(accuracy, float):
        shown.append(f"val_accuracy {percent(accuracy)}")
    return f"({', '.join(shown)})" if shown else ""
