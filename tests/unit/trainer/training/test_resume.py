"""One seed, one result, also when a training is killed and goes on from its checkpoint."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.registry import Registry
from shared.storage import Storage
from tests.support.trainings import toy_spec
from trainer.children.child import Child
from trainer.training import TrainingSpec, run_training

pytestmark = pytest.mark.tensorflow

# Dropout, augmentation, a falling learning rate and a balance: everything that chance or state has a hand in.
PARAMS = {"epochs": 4, "batch_size": 8, "reduce_on_plateau_patience": 1}
RECIPE = {"recipe": "kitten-puppy-64", "params": PARAMS, "balance": "oversample", "counts": {"cat": 20, "dog": 14}}


def train(spec: TrainingSpec) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    run_training(spec, on_event=events.append, wish=lambda: "")
    return [event for event in events if event["event"] == "progress"]


def weights(spec: TrainingSpec) -> list[NDArray[np.float32]]:
    import keras

    folder = Registry(Storage(spec.storage_url)).local_folder("toy", 1)
    return list(keras.saving.load_model(folder / "model.keras", compile=False).get_weights())


def test_a_killed_training_goes_on_from_its_checkpoint_to_identical_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a training that nothing happened to
    whole = toy_spec(tmp_path / "whole", **RECIPE)
    expected = train(whole)[-1]["history"]
    children: list[Child] = []

    def start(module: str, spec: str) -> Child:
        children.append(Child(module, spec))
        return children[-1]

    progress: list[dict[str, Any]] = []

    def on_event(event: dict[str, Any]) -> None:
        if len(children) == 2 and event["event"] == "progress":
            progress.append(event)
        elif event.get("epoch") == 3 and len(event["history"]) == 2:
            os.kill(children[-1].process_id, signal.SIGKILL)

    monkeypatch.setattr("trainer.children.listen.Child", start)
    spec = toy_spec(tmp_path / "killed", **RECIPE)
    # When another one is killed in its third epoch and started again
    run_training(spec, on_event=on_event, wish=lambda: "")
    assert len(children) == 2

    # Then it begins with what was done, and ends as one does that nothing happened to
    first = next(event for event in progress if event["phase"] == "training")
    assert (first["epoch"], len(first["history"])) == (3, 2)
    assert first["done"] == first["total"] // 2
    history = progress[-1]["history"]
    assert [{**entry, "seconds": 0} for entry in history] == [{**entry, "seconds": 0} for entry in expected]
    assert all(np.array_equal(one, other) for one, other in zip(weights(whole), weights(spec), strict=True))
    assert Storage(spec.storage_url).names(f"jobs/{spec.job_id}") == []
