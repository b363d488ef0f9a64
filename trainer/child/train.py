"""One training, top to bottom: pictures, model, fit, evaluation, a published version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from shared.datasets import DatasetStore
from shared.errors import DatasetNotFound, DatasetVersionNotFound
from shared.recipes import Recipe, Value, recipe
from shared.registry import Dataset, Manifest, Registry
from shared.storage import Storage
from trainer.augmentations.augmentation import Augment
from trainer.child.balance import balance_report, class_weights
from trainer.child.batches import Batches
from trainer.child.build import build, mirrored, prepare_tensorflow
from trainer.child.checkpoint import Checkpoints, History
from trainer.child.finish import finish
from trainer.child.fit import Fit
from trainer.child.label_changes import label_changes
from trainer.child.learner import KerasLearner
from trainer.child.order import Order
from trainer.child.pictures import load_pictures
from trainer.children.events import DECODING, Events
from trainer.children.stop import StopFlag
from trainer.datasets.version import open_version
from trainer.evaluation.pictures import LabelledPictures, announced
from trainer.publishing.libraries import library_versions
from trainer.publishing.publish import NewVersion
from trainer.training.spec import TrainingSpec
from trainer.training.weights import resolved

# What is told of a training besides the pictures or steps done.
AT_FIRST: dict[str, Any] = {
    "phase": "preparing",
    "epoch": 0,
    "epochs": 0,
    "eta_s": None,
    "history": [],
    "balance": None,
}


@dataclass(frozen=True)
class Asked:
    """A training's spec, its recipe, and the value of each of the recipe's parameters."""

    spec: TrainingSpec
    recipe: Recipe
    settings: Mapping[str, Value]


def train(spec: TrainingSpec, events: Events, stop: StopFlag) -> Manifest:
    """Trains, evaluates and publishes.

    Returns:
        The published version's manifest.

    Raises:
        Stopped: the process was told to stop; nothing is published.
        LoupeError: what is wrong, in words for the user.
    """

    def advanced() -> None:
        stop.check()
        events.progress()

    asked = Asked(spec, recipe(spec.recipe), recipe(spec.recipe).settings(spec.params))
    storage = Storage(spec.storage_url)
    events.progress(now=True, **AT_FIRST)
    pictures = _pictures(asked, storage, events, advanced)
    prepare_tensorflow(spec.seed)
    checkpoints = Checkpoints(storage, spec.job_id, _fingerprint(asked))
    model, history = _fitted(asked, pictures, checkpoints, events, stop, advanced)
    _still_there(spec, storage)
    published = finish(
        Registry(storage),
        _new_version(asked, storage, pictures, history),
        model,
        pictures,
        gate=spec.gate,
        policy=spec.promote,
        events=events,
        advanced=advanced,
    )
    checkpoints.delete()
    return published


def _pictures(asked: Asked, storage: Storage, events: Events, advanced: Callable[[], None]) -> LabelledPictures:
    spec = asked.spec
    fetching = partial(events.waiting, "fetching the dataset")
    version = open_version(storage, spec.dataset.name, spec.dataset.version, fetching=fetching)
    asked.recipe.check_classes(len(version.classes))
    version.fetch()
    # They are decoded once for all trainings, in threads; each is a sign of life, none is a step.
    fraction = float(asked.settings["validation_fraction"])
    pictures = load_pictures(version, asked.recipe.input, fraction, spec.cache_dir, advanced)
    counts = _counts(pictures)
    events.progress(now=True, balance=balance_report(counts, pictures.labels, spec.balance))
    # The served version has another input, and samples are drawn: those pictures are decoded as they are asked for.
    return replace(pictures, picture=announced(pictures.picture, partial(events.waiting, DECODING)))


def _still_there(spec: TrainingSpec, storage: Storage) -> None:
    """Refuses to publish a version whose dataset nobody can look at any more."""
    try:
        DatasetStore(storage).manifest(spec.dataset.name, spec.dataset.version)
    except (DatasetNotFound, DatasetVersionNotFound) as error:
        raise type(error)(
            f"{spec.dataset.name}@{spec.dataset.version} was deleted while a model was trained on it, so nothing is"
            " published. Import it again and train anew."
        ) from None


def _fitted(
    asked: Asked,
    pictures: LabelledPictures,
    checkpoints: Checkpoints,
    events: Events,
    stop: StopFlag,
    advanced: Callable[[], None],
) -> tuple[Any, History]:
    """Returns the trained model and its history."""
    settings, to, labels = asked.settings, asked.recipe.input, len(pictures.labels)
    placed = resolved(asked.recipe, settings, asked.spec.import_dir)
    pupil = build(asked.recipe, placed, labels, learning=True)
    learner = KerasLearner(pupil, settings, pictures, to, advanced)
    history = Fit(learner, _batches(asked, pictures), settings, checkpoints, events, stop, advanced).run()
    model = build(asked.recipe, placed, labels)
    model.set_weights(pupil.get_weights())
    return mirrored(model) if settings.get("mirror", False) else model, history


def _batches(asked: Asked, pictures: LabelledPictures) -> Batches:
    spec, settings, recipe = asked.spec, asked.settings, asked.recipe
    order = Order(
        pictures.targets,
        pictures.sides.train,
        balance=spec.balance,
        size=int(settings["batch_size"]),
        steps=int(settings.get("steps_per_epoch", 0)),
        seed=spec.seed,
    )
    augment = Augment(recipe.augmentations, settings, spec.seed)
    return Batches(pictures, class_weights(_counts(pictures), spec.balance), order, augment, recipe.input)


def _counts(pictures: LabelledPictures) -> Any:
    return np.bincount(pictures.targets[pictures.sides.train], minlength=len(pictures.labels))


def _fingerprint(asked: Asked) -> str:
    spec = asked.spec
    told = [asked.recipe.model_dump(mode="json"), dict(asked.settings), spec.balance, spec.seed]
    return json.dumps([*told, spec.dataset.model_dump(), library_versions()], sort_keys=True)


def _new_version(asked: Asked, storage: Storage, pictures: LabelledPictures, history: History) -> NewVersion:
    spec = asked.spec
    trained_on = open_version(storage, spec.dataset.name, spec.dataset.version)
    return NewVersion(
        name=spec.model,
        version=spec.version,
        job_id=spec.job_id,
        recipe=spec.recipe,
        params=asked.settings,
        balance=balance_report(_counts(pictures), pictures.labels, spec.balance),
        seed=spec.seed,
        dataset=Dataset(name=spec.dataset.name, version=spec.dataset.version),
        label_changes=label_changes(storage, spec.model, spec.version, trained_on),
        activation=asked.recipe.activation,
        input=asked.recipe.input,
        history=history,
    )
