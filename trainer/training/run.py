"""Runs one training in a process of its own, and listens to it.

TensorFlow is never imported here: its memory goes back to the system with the child, and so does whatever it broke.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import TrainingFailed
from shared.recipes import recipe
from shared.registry import Registry
from shared.storage import Storage
from trainer.children.listen import Event, Wish, run_child
from trainer.publishing.published import published_once
from trainer.training.spec import TrainingResult, TrainingSpec
from trainer.training.weights import resolved

MODULE = "trainer.child"
# A child that is killed, by the system for want of memory for one, goes on from its checkpoint so many times in all.
TRIES = 3


def run_training(spec: TrainingSpec, *, on_event: Callable[[Event], None], wish: Callable[[], Wish]) -> TrainingResult:
    """Trains a model and publishes it as a version. Blocks until then; the child ends before this returns or raises.

    If this job's version is there already, because an earlier attempt ended right after publishing, or stood still and
    went on, that is the result.

    Args:
        on_event: gets each event of the child; what it raises stops the training and is raised again. Events are
            `{"event": "waiting", "seconds", "reason"}` before a wait that says nothing and takes at most `seconds`, and
            `{"event": "progress", "phase", "done", "failed", "total", "epoch", "epochs", "eta_s", "history", …}`, where
            `done` and `total` count training steps and `phase` is preparing, training, evaluating or publishing.
        wish: asked several times a second; `keep` ends the training soon and publishes its best weights so far.

    Raises:
        VersionExists: another job published this version.
        ChildStopped: `wish` said so, and nothing was published.
        LoupeError: the training went wrong; the message is for the user.
    """

    def train() -> None:
        chosen = recipe(spec.recipe)
        # What is missing is said before TensorFlow's start, which takes seconds.
        resolved(chosen, chosen.settings(spec.params), spec.import_dir)
        told = spec.model_dump_json()
        run_child(MODULE, told, on_event=on_event, wish=wish, failed=TrainingFailed, tries=TRIES)

    published = published_once(Registry(Storage(spec.storage_url)), spec.model, spec.version, spec.job_id, train)
    if published is None:
        raise TrainingFailed("The training process said that it published a version, and there is none.")
    return TrainingResult.of(published)
