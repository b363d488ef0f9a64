"""One training, top to bottom: pictures, model, fit, evaluation, a published version."""

from __future__ import annotations

from shared.registry import Manifest
from trainer.child.batches import Batches
from trainer.child.build import be_deterministic, build
from trainer.child.evaluation import evaluate
from trainer.children.events import Events
from trainer.child.fit import Fit
from trainer.child.publish import Trained, publish
from trainer.children.stop import StopFlag
from trainer.datasets.pictures import load_pictures
from trainer.recipes.recipe import recipes
from trainer.training.spec import TrainingSpec


def train(spec: TrainingSpec, events: Events, stop: StopFlag) -> Manifest:
    """Trains, evaluates and publishes.

    Returns:
        The published version's manifest.

    Raises:
        Stopped: the process was told to stop; nothing is published.
        LoupeError: what is wrong, in words for the user.
    """
    recipe = recipes.get(spec.recipe)
    settings = recipe.settings(spec.params)
    be_deterministic(spec.seed)

    def advanced() -> None:
        stop.check()
        events.progress()

    pictures = load_pictures(spec.dataset, recipe.input, settings["validation_fraction"], advanced)
    batches = Batches(pictures, int(settings["batch_size"]), recipe.augmentations, to=recipe.input, seed=spec.seed)
    epochs = int(settings["epochs"])
    model = build(recipe, settings, len(pictures.labels), len(batches) * epochs)
    history = Fit(model, pictures, batches, epochs, recipe.input, events, advanced).run()
    events.progress(now=True, phase="evaluating", eta_s=None)
    found = evaluate(model, pictures, recipe.input, advanced)
    events.progress(now=True, phase="publishing")
    events.waiting("publishing the version")
    stop.check()
    return publish(spec, Trained(recipe, settings, pictures, model, history, found))
