"""Watches a job: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from loupe.cli.app import App
from loupe.cli.output import Output, clean
from loupe.types import Job

SAY_EVERY_S = 10.0


def watch(app: App, job: Job, timeout_s: float | None = None) -> Job:
    """Returns a job at its end, and shows until then how far it is.

    Raises:
        StillRunning: it has not ended in time.
    """
    if job.ended:
        return job
    with Meter(app.output) as meter:
        for seen in app.client.jobs.follow(job, timeout_s):
            meter.show(seen)
            job = seen
    return job


class Meter:
    """Shows how far a job is, on standard error."""

    def __init__(self, output: Output) -> None:
        self._output = output
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        hidden = output.quiet or not output.words.is_terminal
        self._bar = Progress(*columns, console=output.words, transient=True, disable=hidden)
        self._task = self._bar.add_task("", total=None)
        self._hidden = hidden
        self._said_at = time.monotonic()
        self._said = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, job: Job) -> None:
        """Shows how far a job is."""
        words = progress_words(job)
        if not self._hidden:
            total = job.total or None
            self._bar.update(self._task, description=clean(words), completed=job.done, total=total, refresh=True)
        elif not job.ended and words != self._said and time.monotonic() - self._said_at > SAY_EVERY_S:
            self._said, self._said_at = words, time.monotonic()
            self._output.say(f"Job {job.id}: {words}.")


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
    last = history[-1]
    shown = [f"{name} {last[name]:.3f}" for name in ("loss", "val_accuracy") if isinstance(last.get(name), float)]
    return f"({', '.join(shown)})" if shown else ""
