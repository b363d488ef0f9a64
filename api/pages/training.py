"""A training as pages show it: how far it is, its curve, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.pages import words
from api.pages.chart import Curve, accuracy_curve
from api.pages.format import number
from api.pages.progress import Progress, progress_of
from api.pages.training_parts import IMPORTING, PHASES, Phase, about, model_name, phases_of, title_of, version_of
from api.pages.versions import VersionRow
from api.pages.waiting import why_waiting
from shared.jobs.model import Job, Json, Kind, Status
from shared.shares import percent

# A table of more epochs than this is too long to read and to send each second.
MOST_ROWS = 60
SIDES = {
    "train": "right on what it learned from",
    "validation": "right while it was tuned",
    "test": "right on test pictures",
}


@dataclass(frozen=True)
class Side:
    """How good the model is on one side of the dataset."""

    words: str
    accuracy: float


@dataclass(frozen=True)
class Training:
    """What a page says about a training job.

    Attributes:
        learns: whether there are epochs; a model that was trained elsewhere is only evaluated.
        all_epochs: whether the rows are all there are.
        version: what came of it, with the gate's verdict; None until it is there.
        fit: good, overfit or underfit; empty until that is known.
        again_href: the form with what was asked, of a job that came to nothing; empty for any other.
        can_keep: whether there are weights already that a cancel may keep.
    """

    job_id: str
    title: str
    learns: bool
    version: VersionRow | None
    model_href: str
    phases: Sequence[Phase]
    about: str
    heading: str
    pace: str
    why: str
    spoken: str
    progress: Progress
    curve: Curve | None
    rows: Sequence[Json]
    all_epochs: bool
    measured: Sequence[Side]
    verdict: str
    trouble: words.Trouble | None
    fit: str
    ended: bool
    again_href: str
    can_cancel: bool
    can_keep: bool


def training_of(job: Job, now: float) -> Training:
    """Returns a training job in words and numbers."""
    progress = progress_of(job, now)
    history = list(job.progress.get("history") or ())
    result = job.result or {}
    return Training(
        job_id=job.id,
        title=title_of(job),
        learns=job.kind is Kind.TRAINING,
        version=version_of(result),
        model_href=_model_href(result),
        phases=phases_of(job),
        about=about(job),
        heading=_heading(job),
        pace=_pace(progress, "steps" if job.kind is Kind.TRAINING else "pictures"),
        why=why_waiting(job),
        spoken=_spoken(job, progress),
        progress=progress,
        curve=accuracy_curve(history, int(job.progress.get("epochs") or 0)),
        rows=_rows(history, 0 if job.status.final else int(job.progress.get("epochs") or 0)),
        all_epochs=len(history) <= MOST_ROWS,
        measured=_measured(result),
        verdict=_verdict(result),
        trouble=words.of_outcome(job.error) if job.error else None,
        fit=str(result.get("fit") or ""),
        ended=job.status.final,
        again_href=_again_href(job),
        can_cancel=job.status.can_be_canceled,
        can_keep=job.status.can_be_canceled and bool(history),
    )


def _model_href(result: Json) -> str:
    model = result.get("model") or {}
    return f"/models/{model['name']}/{model['version']}" if model else "/models"


def _again_href(job: Job) -> str:
    if job.status not in {Status.FAILED, Status.CANCELED}:
        return ""
    spec = job.spec
    if job.kind is not Kind.TRAINING:
        return "/train/elsewhere?" + urlencode({"model": model_name(spec)})
    asked = {
        "dataset": (spec.get("dataset") or {}).get("name"),
        "recipe": spec.get("recipe"),
        "model": model_name(spec),
    }
    return "/train?" + urlencode({name: value for name, value in asked.items() if value})


def _rows(history: list[Json], epochs: int) -> list[Json]:
    """Adds empty rows for the epochs to come, so that the table does not grow while it is read; or the last of many."""
    if max(epochs, len(history)) > MOST_ROWS:
        return history[-MOST_ROWS:]
    return [*history, *({"epoch": epoch} for epoch in range(len(history) + 1, epochs + 1))]


def _heading(job: Job) -> str:
    if job.status.final:
        return {"succeeded": "Done", "failed": "Failed", "canceled": "Canceled"}[job.status.value]
    if job.status is Status.QUEUED:
        return "Waiting"
    phase = job.progress.get("phase")
    if phase in {"evaluating", "publishing"}:
        return PHASES[phase]
    if phase == "importing":
        return IMPORTING
    epoch, epochs = job.progress.get("epoch"), job.progress.get("epochs")
    return f"Epoch {epoch} of {epochs}" if epoch and epochs else PHASES["preparing"]


def _pace(progress: Progress, unit: str) -> str:
    if progress.left_s is None:
        return ""
    steps = f"{number(progress.done)} of {number(progress.total)} {unit}"
    return " · ".join(filter(None, (steps, progress.rate_words, progress.left_words)))


def _spoken(job: Job, progress: Progress) -> str:
    if job.status.final:
        return f"The job has {job.status.value}."
    return f"The job is {progress.spoken} percent done." if progress.done else f"{_heading(job)}."


def _measured(result: Json) -> list[Side]:
    metrics = result.get("metrics") or {}
    return [Side(text, metrics[side]["accuracy"]) for side, text in SIDES.items() if side in metrics]


def _verdict(result: Json) -> str:
    model = result.get("model")
    if not model:
        return ""
    test = (result.get("metrics") or {}).get("test")
    right = f", {percent(test['accuracy'])} right on test pictures" if test else ""
    fate = "answers from now on" if result.get("promoted") else "is kept and does not answer"
    return f"{model['name']} v{model['version']}{right}, {fate}."
