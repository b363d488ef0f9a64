"""The loop, on a model that answers from a script: no TensorFlow needed to see what it does with the numbers."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from shared.errors import TrainingDiverged
from shared.preprocess_spec import PreprocessSpec
from trainer.child.batches import Batches
from trainer.child.events import Events
from trainer.child.fit import Fit
from trainer.child.stop import Stopped
from trainer.datasets.pictures import Pictures, load_pictures
from trainer.datasets.spec import DatasetSpec

SPEC = PreprocessSpec(width=4, height=4, color="grey")


class ScriptedModel:
    """Loses and answers as told: one loss a step, one probability of the first class an epoch."""

    def __init__(self, losses: Sequence[float], sure: Sequence[float]) -> None:
        self.steps = 0
        self.optimizer = type("Optimizer", (), {"learning_rate": 0.01})
        self._losses = losses
        self._sure = sure
        self._weights = -1

    def reset_metrics(self) -> None:
        self._weights += 1

    def train_on_batch(self, inputs: Any, targets: Any, *, return_dict: bool) -> dict[str, float]:
        self.steps += 1
        return {"loss": self._losses[self.steps - 1], "accuracy": 0.5}

    def predict_on_batch(self, inputs: Any) -> Any:
        sure = self._sure[self._weights]
        return np.tile([sure, *[(1 - sure) / 3] * 3], (len(inputs), 1)).astype(np.float32)

    def get_weights(self) -> int:
        return self._weights

    def set_weights(self, weights: int) -> None:
        self._weights = weights


def circles_validate(pictures: Pictures) -> Pictures:
    """Makes every validation picture one of the first class."""
    pictures.targets[pictures.split.validation] = 0
    return pictures


def make(model: ScriptedModel, stream: io.BytesIO, advanced: Any = lambda: None) -> Fit:
    source = {"type": "generated", "name": "shapes", "count": 40}
    pictures = circles_validate(load_pictures(DatasetSpec(name="toy", source=source), SPEC, 0.1))
    batches = Batches(pictures, 10, (), to=SPEC, seed=0)
    return Fit(model, pictures, batches, 3, SPEC, Events(stream), advanced)


def test_the_weights_of_the_best_epoch_are_kept() -> None:
    model = ScriptedModel([1.0] * 6, sure=[0.2, 0.9, 0.5])
    history = make(model, io.BytesIO()).run()
    assert [entry["val_loss"] for entry in history] == pytest.approx(-np.log([0.2, 0.9, 0.5]), abs=1e-4)
    assert model.get_weights() == 1
    assert list(history[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]


def test_progress_counts_steps_and_knows_the_time_left() -> None:
    stream = io.BytesIO()
    make(ScriptedModel([1.0] * 6, sure=[0.5] * 3), stream).run()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events[:2]] == ["progress", "waiting"]
    last = events[-1]
    assert (last["done"], last["total"], last["epoch"], last["epochs"]) == (6, 6, 3, 3)
    assert (last["eta_s"], len(last["history"])) == (0.0, 3)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_fails_at_its_epoch(loss: float) -> None:
    model = ScriptedModel([1.0, 1.0, 1.0, loss], sure=[0.5] * 3)
    with pytest.raises(TrainingDiverged, match=f"became {loss} in epoch 2"):
        make(model, io.BytesIO()).run()


def test_a_stop_ends_it_before_the_next_batch() -> None:
    model = ScriptedModel([1.0] * 6, sure=[0.5] * 3)

    def advanced() -> None:
        if model.steps == 2:
            raise Stopped

    with pytest.raises(Stopped):
        make(model, io.BytesIO(), advanced).run()
    assert model.steps == 2


def test_an_epoch_s_loss_is_the_mean_over_its_pictures_and_not_the_last_batch_s() -> None:
    history = make(ScriptedModel([1.0, 3.0, 2.0, 4.0, 1.0, 1.0], sure=[0.5] * 3), io.BytesIO()).run()
    assert [entry["loss"] for entry in history] == [2.0, 3.0, 1.0]
