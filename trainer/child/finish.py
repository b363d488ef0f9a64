"""The end of every training and of every import of a model: evaluate, ask the gate, export, publish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.registry import Manifest, Policy, Registry
from shared.schemas.gate import Gate
from trainer.children.events import Events
from trainer.evaluation.champion import ask_champion
from trainer.evaluation.evaluate import Evaluation, evaluate, evaluate_test
from trainer.evaluation.pictures import LabelledPictures
from trainer.evaluation.predict import predictor
from trainer.gate import Challenger, judge
from trainer.publishing.onnx_export import export
from trainer.publishing.publish import NewVersion, publish

# The converter says nothing meanwhile, and takes longer with every layer: 160 of them took 35 s on two busy cores.
EXPORT_S = 600.0


def finish(
    registry: Registry,
    new: NewVersion,
    model: Any,
    pictures: LabelledPictures,
    *,
    gate: Gate,
    policy: Policy,
    events: Events,
    advanced: Callable[[], None],
) -> Manifest:
    """Makes a version of a model, with everything that is known about it. `trainer.promotion.settle` comes after.

    Args:
        model: a Keras model that takes `new.input`.
        pictures: of `new.dataset`, in `new.input`. Without training side only the test side is evaluated.
        gate: its rules.
        policy: the request's `promote`, written down with the verdict.
        advanced: called after each batch; may raise to stop.

    Raises:
        VersionExists: the version is there already.
        StorageUnavailable: the storage does not answer, or is full.
    """
    events.progress(now=True, phase="evaluating")
    events.waiting("evaluating the version")
    predict = predictor(model, new.input, advanced)
    found = evaluate(predict, pictures) if len(pictures.sides.train) else evaluate_test(predict, pictures)
    events.waiting("loading the served version to compare with")
    champion = ask_champion(registry, new.name, pictures, advanced)
    verdict = judge(gate, policy, _challenger(new, pictures, found), champion)
    events.progress(now=True, phase="publishing")
    events.waiting("exporting to ONNX", EXPORT_S)
    advanced()
    exported = export(model, new.input, pictures, found, advanced)
    events.waiting("publishing the version")
    advanced()
    return publish(registry, new, model, pictures, found, verdict, exported)


def _challenger(new: NewVersion, pictures: LabelledPictures, found: Evaluation) -> Challenger:
    return Challenger(new.version, pictures.labels, found.answers.argmax(axis=1), found.targets)
