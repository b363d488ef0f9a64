"""The loop, on a model that answers from a script: no TensorFlow needed to see what it does with the numbers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.errors import TrainingDiverged
from shared.preprocess_spec import PreprocessSpec
from shared.registry import SplitMetrics
from shared.storage import Storage
from trainer.augmentations.augmentation import Augment
from trainer.child.batches import Batch, Batches
from trainer.child.checkpoint import Arrays, Checkpoints
from trainer.child.fit import Fit
from trainer.child.order import Order
from trainer.child.phases import Phase
from trainer.child.pictures import ThreeSides
from trainer.children.events import Events
from trainer.children.stop import StopFlag, Stopped
from trainer.evaluation.pictures import LabelledPictures

JOB = "019ae000-0000-7000-8000-000000000000"
# 20 training pictures in batches of 10: two steps an epoch.
STEPS = 2
SETTINGS = {"epochs": 3, "learning_rate": 0.1}


class ScriptedLearner:
    """Loses as told: one loss a step, one validation loss an epoch. Its weights are the steps it took."""

    def __init__(self, validation: Sequence[float], losses: Sequence[float] = ()) -> None:
        self.steps = 0
        self.taken = -1
        self.phases: list[Phase] = []
        self.rates: list[float] = []
        self._validation = list(validation)
        self._losses = list(losses)
        self._seen: list[float] = []

    def begin(self, phase: Phase) -> None:
        self.phases.append(phase)

    def learn(self, batch: Batch, learning_rate: float) -> None:
        self._seen.append(self._losses[self.steps] if self._losses else 1.0)
        self.steps += 1
        self.rates.append(learning_rate)

    def reset(self) -> None:
        self._seen = []

    def means(self) -> tuple[float, float]:
        return float(np.mean(self._seen)), 0.5

    def validate(self) -> SplitMetrics:
        return SplitMetrics(accuracy=0.5, loss=self._validation.pop(0), count=4)

    def weights(self) -> Arrays:
        return [np.array(self.steps)]

    def set_weights(self, weights: Arrays) -> None:
        self.taken = int(weights[0])

    def state(self) -> tuple[Arrays, Arrays]:
        return [np.array(self.steps)], [np.array(self.steps)]

    def set_state(self, model: Arrays, optimizer: Arrays | None) -> None:
        self.steps = int(model[0])


def batches() -> Batches:
    inputs, targets = np.zeros((24, 4, 4, 1), np.uint8), np.arange(24) % 2
    sides = ThreeSides(np.arange(20), np.arange(20, 24), np.arange(0))
    pictures = LabelledPictures(("a", "b"), targets, sides, inputs.__getitem__, lambda _: b"")
    order = Order(targets, sides.train, balance="none", size=10, steps=0, seed=0)
    to = PreprocessSpec(width=4, height=4, color="grey")
    return Batches(pictures, np.ones(2, np.float32), order, Augment((), {}, 0), to)


def make(
    learner: ScriptedLearner,
    folder: Path,
    *,
    stream: io.BytesIO | None = None,
    stop: StopFlag | None = None,
    advanced: Callable[[], None] = lambda: None,
    **settings: Any,
) -> Fit:
    checkpoints = Checkpoints(Storage(str(folder)), JOB, "toy")
    events = Events(stream or io.BytesIO())
    return Fit(learner, batches(), {**SETTINGS, **settings}, checkpoints, events, stop or StopFlag(), advanced)


def test_the_weights_of_the_best_epoch_are_kept(tmp_path: Path) -> None:
    learner = ScriptedLearner([0.9, 0.2, 0.5])
    history = make(learner, tmp_path).run()
    assert [entry["val_loss"] for entry in history] == [0.9, 0.2, 0.5]
    assert learner.taken == 2 * STEPS
    assert list(history[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]


def test_an_epoch_s_loss_is_the_mean_of_all_its_batches(tmp_path: Path) -> None:
    history = make(ScriptedLearner([0.5] * 3, [4, 2, 2, 1, 1, 0.5]), tmp_path).run()
    assert [entry["loss"] for entry in history] == [3, 1.5, 0.75]


def test_progress_counts_steps_and_knows_the_time_left(tmp_path: Path) -> None:
    stream = io.BytesIO()
    make(ScriptedLearner([0.5] * 3), tmp_path, stream=stream).run()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events[:3]] == ["progress", "progress", "waiting"]
    last = events[-1]
    assert (last["done"], last["total"], last["epoch"], last["epochs"]) == (6, 6, 3, 3)
    assert (last["eta_s"], len(last["history"])) == (0.0, 3)


def test_what_may_be_silent_for_long_is_announced(tmp_path: Path) -> None:
    stream = io.BytesIO()
    make(ScriptedLearner([0.5] * 3), tmp_path, stream=stream).run()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    each = ["validating the epoch", "storing a checkpoint"]
    assert [event["reason"] for event in events if event["event"] == "waiting"] == [
        "compiling the training step",
        *each * 3,
    ]


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_fails_at_its_epoch(tmp_path: Path, loss: float) -> None:
    learner = ScriptedLearner([0.5] * 3, [1.0, 1.0, 1.0, loss, 1.0, 1.0])
    with pytest.raises(TrainingDiverged, match=f"became {loss} in epoch 2"):
        make(learner, tmp_path).run()
    with pytest.raises(TrainingDiverged, match="became nan in epoch 1"):
        make(ScriptedLearner([float("nan")]), tmp_path / "other").run()


def test_weights_that_are_no_number_fail_though_the_loss_is_one(tmp_path: Path) -> None:
    class Hidden(ScriptedLearner):
        def weights(self) -> Arrays:
            return [np.array(0.5), np.array([1.0, np.nan if self.steps > STEPS else 1.0])]

    with pytest.raises(TrainingDiverged, match="The weights became nan in epoch 2"):
        make(Hidden([0.5] * 3), tmp_path).run()


def test_a_stop_ends_it_before_the_next_batch(tmp_path: Path) -> None:
    learner = ScriptedLearner([0.5] * 3)

    def advanced() -> None:
        if learner.steps == 3:
            raise Stopped

    with pytest.raises(Stopped):
        make(learner, tmp_path, advanced=advanced).run()
    assert learner.steps == 3


def test_told_to_keep_it_ends_before_the_next_batch_with_the_best_epoch(tmp_path: Path) -> None:
    stop, learner = StopFlag(), ScriptedLearner([0.2, 0.9, 0.9])

    def advanced() -> None:
        stop.keep = learner.steps == 5

    history = make(learner, tmp_path, stop=stop, advanced=advanced).run()
    assert learner.steps == 5
    assert [entry["epoch"] for entry in history] == [1, 2]
    assert learner.taken == STEPS


def test_told_to_keep_within_the_first_epoch_it_keeps_what_that_gave(tmp_path: Path) -> None:
    stop, learner = StopFlag(), ScriptedLearner([0.7])

    def advanced() -> None:
        stop.keep = learner.steps == 1

    history = make(learner, tmp_path, stop=stop, advanced=advanced).run()
    assert (learner.steps, learner.taken, len(history)) == (1, 1, 1)


def test_early_stopping_ends_the_training_and_a_plateau_lowers_the_rate(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "epochs": 9,
        "early_stopping_patience": 3,
        "reduce_on_plateau_patience": 1,
        "reduce_on_plateau_factor": 0.5,
    }
    learner = ScriptedLearner([0.5, 0.4, 0.6, 0.6, 0.6])
    history = make(learner, tmp_path, **settings).run()
    assert [entry["learning_rate"] for entry in history] == [0.1, 0.1, 0.1, 0.05, 0.025]
    assert learner.taken == 2 * STEPS


def test_a_new_phase_begins_with_a_patience_of_its_own(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"frozen_epochs": 3, "fine_tune_learning_rate": 0.01, "early_stopping_patience": 1}
    learner = ScriptedLearner([0.5, 0.6, 0.7, 0.55, 0.8])
    history = make(learner, tmp_path, **settings).run()
    # The frozen phase ends after its second epoch, and the next one counts from where it would have ended.
    assert [entry["epoch"] for entry in history] == [1, 2, 4, 5, 6]
    assert [phase.frozen for phase in learner.phases] == [True, False]
    assert learner.rates == [0.1] * 4 + [0.01] * 6


@pytest.mark.parametrize("killed_after", range(1, 10))
def test_a_killed_training_goes_on_and_ends_as_it_would_have(tmp_path: Path, killed_after: int) -> None:
    settings: dict[str, Any] = {
        "frozen_epochs": 2,
        "fine_tune_learning_rate": 0.01,
        "reduce_on_plateau_patience": 1,
        "reduce_on_plateau_factor": 0.5,
    }
    losses = [0.9, 0.95, 0.5, 0.6, 0.7]
    whole = ScriptedLearner(losses)
    expected = make(whole, tmp_path / "whole", **settings).run()

    class Killed(Exception):
        pass

    first = ScriptedLearner(losses)

    def advanced() -> None:
        if first.steps == killed_after:
            raise Killed

    with pytest.raises(Killed):
        make(first, tmp_path, advanced=advanced, **settings).run()
    done = killed_after // STEPS
    second = ScriptedLearner(losses[done:])
    history = make(second, tmp_path, **settings).run()

    assert [entry | {"seconds": 0} for entry in history] == [entry | {"seconds": 0} for entry in expected]
    assert (second.steps, second.taken) == (whole.steps, whole.taken)
    assert second.rates == whole.rates[done * STEPS :]


def test_one_that_was_killed_after_its_last_epoch_has_nothing_left_to_learn(tmp_path: Path) -> None:
    first = ScriptedLearner([0.5, 0.4, 0.6])
    expected = make(first, tmp_path).run()
    second = ScriptedLearner([])
    assert make(second, tmp_path).run() == expected
    assert (second.taken, second.rates) == (2 * STEPS, [])
