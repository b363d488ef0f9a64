"""A training as pages show it: how far it is, its curve, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages import words
from api.pages.chart import Curve, accuracy_curve
from api.pages.format import about, number, percent
from api.pages.progress import Progress, progress_of
from api.pages.waiting import why_waiting
from shared.jobs.model import Job, Json, Status

SIDES = {
    "train": "right on what it learned from",
    "validation": "right while it was tuned",
    "test": "right on new pictures",
}


@dataclass(frozen=True)
class Side:
    """How good the model is on one side of the dataset."""

    words: str
    accuracy: float


@dataclass(frozen=True)
class Training:
    """What a page says about a training job."""

    job_id: str
    title: str
    model_name: str
    about: str
    heading: str
    pace: str
    why: str
    spoken: str
    progress: Progress
    curve: Curve | None
    rows: Sequence[Json]
    measured: Sequence[Side]
    verdict: str
    trouble: words.Trouble | None
    can_cancel: bool


def training_of(job: Job, now: float) -> Training:
    """Returns a training job in words and numbers."""
    progress = progress_of(job, now)
    history = list(job.progress.get("history") or ())
    result = job.result or {}
    dataset, model = job.spec.get("dataset") or {}, job.spec.get("model") or {}
    name = str(model.get("name") or "a model")
    return Training(
        job_id=job.id,
        title=f"Training {name}",
        model_name=name,
        about=f"dataset {dataset.get('name', 'unknown')}, recipe {job.spec.get('recipe', 'unknown')}",
        heading=_heading(job),
        pace=_pace(progress),
        why=why_waiting(job),
        spoken=_spoken(job, progress),
        progress=progress,
        curve=accuracy_curve(history, int(job.progress.get("epochs") or 0)),
        rows=_rows(history, int(job.progress.get("epochs") or 0)),
        measured=_measured(result),
        verdict=_verdict(result),
        trouble=words.of_outcome(job.error) if job.error else None,
        can_cancel=not job.status.final and job.status is not Status.CANCELING,
    )


def _rows(history: list[Json], epochs: int) -> list[Json]:
    """Adds empty rows for the epochs to come, so that the table does not grow while it is read."""
    return [*history, *({"epoch": epoch} for epoch in range(len(history) + 1, epochs + 1))]


def _heading(job: Job) -> str:
    if job.status.final:
        return {"succeeded": "Done", "failed": "Failed", "canceled": "Canceled"}[job.status.value]
    if job.status is Status.QUEUED:
        return "Waiting"
    epoch, epochs = job.progress.get("epoch"), job.progress.get("epochs")
    return f"Epoch {epoch} of {epochs}" if epoch and epochs else "Getting the pictures ready"


def _pace(progress: Progress) -> str:
    if progress.left_s is None:
        return ""
    steps = f"{number(progress.done)} of {number(progress.total)} steps"
    rate = f" · {progress.rate:,.1f} a second" if progress.rate else ""
    return f"{steps}{rate} · about {about(progress.left_s)} left"


def _spoken(job: Job, progress: Progress) -> str:
    if job.status.final:
        return f"The training has {job.status.value}."
    return f"The training is {progress.spoken} percent done." if progress.done else f"{_heading(job)}."


def _measured(result: Json) -> list[Side]:
    metrics = result.get("metrics") or {}
    return [Side(text, metrics[side]["accuracy"]) for side, text in SIDES.items() if side in metrics]


def _verdict(result: Json) -> str:
    model = result.get("model")
    if not model:
        return ""
    test = (result.get("metrics") or {}).get("test")
    right = f", {percent(test['accuracy'])} right on pictures it had never seen" if test else ""
    fate = "answers from now on" if result.get("promoted") else "is kept and does not answer"
    reason = str(result.get("reason") or "")
    return f"{model['name']} v{model['version']}{right}, {fate}. {reason}".strip()
