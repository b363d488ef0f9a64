"""Runs one training in a process of its own, and listens to it.

TensorFlow is never imported here: its memory goes back to the system with the child, and so does whatever it broke.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared import errors
from shared.errors import ModelNotFound, TrainingFailed, VersionExists, VersionNotFound
from shared.registry import Registry
from shared.storage import Storage
from trainer.recipes.recipe import recipes
from trainer.training.child import Child
from trainer.training.spec import TrainingResult, TrainingSpec

Event = dict[str, Any]

# How often the caller is asked whether to stop while the child has nothing to say.
ASK_EVERY_S = 0.2


class TrainingStopped(Exception):
    """Raised when the training ended because it was told to. Nothing was published."""


def run_training(
    spec: TrainingSpec, *, on_event: Callable[[Event], None], should_stop: Callable[[], bool]
) -> TrainingResult:
    """Trains a model and publishes it as a version. Blocks until then; the child ends before this returns or raises.

    If this job's version is there already, because an earlier attempt ended right after publishing, that is the result.

    Args:
        on_event: gets each event of the child; what it raises stops the training and is raised again. Events are
            `{"event": "waiting", "seconds", "reason"}` before a wait that says nothing and takes at most `seconds`, and
            `{"event": "progress", "phase", "done", "failed", "total", "epoch", "epochs", "eta_s", "history"}`, where
            `done` and `total` count training steps and `phase` is preparing, training, evaluating or publishing.
        should_stop: asked several times a second.

    Raises:
        InvalidRequest: the recipe, a parameter or the dataset's source is not right.
        VersionExists: another job published this version.
        TrainingStopped: `should_stop` said so.
        TrainingFailed: the training went wrong; the message is for the user.
    """
    recipes.get(spec.recipe).settings(spec.params)
    published = _published(spec)
    if published is not None:
        return published
    with Child(spec.model_dump_json()) as child:
        while not child.ended:
            event = child.next_event(ASK_EVERY_S)
            if should_stop():
                child.stop()
            if event is not None and not _last(event):
                on_event(event)
        code = child.wait()
    published = _published(spec)
    if published is None:
        raise TrainingFailed(f"The training process ended without a result ({code}). The log has more.")
    return published


def _last(event: Event) -> bool:
    """Returns whether the event says that the training ended well; raises how it ended otherwise."""
    if event["event"] == "stopped":
        raise TrainingStopped
    if event["event"] == "failed":
        kinds = {
            kind.code: kind for kind in (errors.TrainingDiverged, errors.InvalidRequest, errors.StorageUnavailable)
        }
        raise kinds.get(event["code"], TrainingFailed)(event["message"])
    return bool(event["event"] == "published")


def _published(spec: TrainingSpec) -> TrainingResult | None:
    try:
        manifest = Registry(Storage(spec.storage_url)).manifest(spec.model, spec.version)
    except (ModelNotFound, VersionNotFound):
        return None
    if manifest.job_id != spec.job_id:
        raise VersionExists(f"{spec.model} version {spec.version} was published by the job {manifest.job_id}.")
    return TrainingResult.of(manifest)
