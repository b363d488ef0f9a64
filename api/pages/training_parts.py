"""What a training is about, which part of it runs, and the version that came of it."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.versions import VersionRow, version_row
from api.services import services
from shared.errors import ModelNotFound, VersionCorrupt, VersionNotFound
from shared.jobs.model import Job, Json, Kind, Status

# What the first training does before all others: nobody has imported its dataset yet.
IMPORTING = "Importing the dataset"
# What a training does, in order; `training` says its epoch besides.
PHASES = {
    "preparing": "Getting the pictures ready",
    "training": "Training",
    "evaluating": "Trying it on the test pictures",
    "publishing": "Saving the version",
}


@dataclass(frozen=True)
class Phase:
    """A part of a training: before, now or done."""

    words: str
    state: str


def title_of(job: Job) -> str:
    """Returns what a job that makes a version is called."""
    doing = "Import of the model" if job.kind is Kind.IMPORT else "Training"
    return f"{doing} {model_name(job.spec)}"


def about(job: Job) -> str:
    """Returns from what a version is made, in a few words."""
    if job.kind is Kind.IMPORT:
        return f"{job.spec.get('path', 'an unknown file')}, evaluated on {dataset_name(job.spec)}"
    return f"dataset {dataset_name(job.spec)}, recipe {job.spec.get('recipe', 'unknown')}"


def model_name(spec: Json) -> str:
    """Returns the name of the model that a training is for."""
    return str((spec.get("model") or {}).get("name") or "a model")


def dataset_name(spec: Json) -> str:
    """Returns the name of the dataset that a training learns from, with its version where that is known."""
    dataset = spec.get("dataset") or {}
    return "@".join(filter(None, (dataset.get("name") or "unknown", dataset.get("version"))))


def version_of(result: Json) -> VersionRow | None:
    """Returns the version that came of it, if it is still there."""
    model = result.get("model")
    if not model:
        return None
    registry = services().registry
    try:
        return version_row(registry, model["name"], model["version"], registry.readable_served(model["name"]))
    except (ModelNotFound, VersionNotFound, VersionCorrupt):
        return None


def phases_of(job: Job) -> list[Phase]:
    """Returns the parts of a running training; nothing before and after it runs, or where they are not known."""
    now = job.progress.get("phase")
    if job.status is not Status.RUNNING or now not in PHASES:
        return []
    order = [name for name in PHASES if name != "training" or job.kind is Kind.TRAINING]
    states = dict.fromkeys(order[: order.index(now)], "done") | {now: "now"}
    return [Phase(PHASES[name], states.get(name, "")) for name in order]
