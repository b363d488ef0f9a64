"""The training loop: batches in, a history out, the weights of the best epoch kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.errors import TrainingDiverged
from shared.preprocess_spec import PreprocessSpec
from trainer.child.batches import Batches
from trainer.child.events import Events
from trainer.child.predict import predict
from trainer.child.scores import side_score
from trainer.datasets.pictures import Pictures

History = list[dict[str, float]]


@dataclass
class Fit:
    """One run of the loop over a compiled model.

    The best epoch is the one with the lowest validation loss; its weights are the model's in the end.

    Attributes:
        to: how the model's input is made.
        advanced: called before each batch; may raise to stop.
    """

    model: Any
    pictures: Pictures
    batches: Batches
    epochs: int
    to: PreprocessSpec
    events: Events
    advanced: Callable[[], None]

    def run(self) -> History:
        """Trains.

        Returns:
            One entry an epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate, seconds.

        Raises:
            TrainingDiverged: the loss is no longer a number.
        """
        history: History = []
        best_loss, best = math.inf, self.model.get_weights()
        total = len(self.batches) * self.epochs
        self.events.progress(now=True, phase="training", total=total, epoch=1, epochs=self.epochs)
        self._clock = _Clock(total)
        for epoch in range(1, self.epochs + 1):
            entry = self._epoch(epoch)
            history.append(entry)
            self.events.progress(now=True, epoch=epoch, history=history)
            if entry["val_loss"] < best_loss:
                best_loss, best = entry["val_loss"], self.model.get_weights()
        self.model.set_weights(best)
        return history

    def _epoch(self, epoch: int) -> dict[str, float]:
        started = time.monotonic()
        self.model.reset_metrics()
        # `train_on_batch` answers for its own batch alone; an epoch's figures are the means over its pictures.
        loss, right, seen = 0.0, 0.0, 0
        for inputs, targets in self.batches.epoch(epoch):
            self.advanced()
            if not self._clock.started:
                self.events.waiting("compiling the training step")
            logs = self.model.train_on_batch(inputs, targets, return_dict=True)
            if not math.isfinite(logs["loss"]):
                raise TrainingDiverged(
                    f"The loss became {float(logs['loss'])} in epoch {epoch}. A lower learning_rate may help."
                )
            loss, right = loss + logs["loss"] * len(inputs), right + logs["accuracy"] * len(inputs)
            seen += len(inputs)
            done, eta_s = self._clock.step()
            self.events.progress(epoch=epoch, done=done, eta_s=eta_s)
        side = self.pictures.split.validation
        answers = predict(self.model, self.pictures.inputs[side], self.to, self.advanced)
        validation = side_score(answers, self.pictures.targets[side])
        return {
            "epoch": epoch,
            "loss": _rounded(loss / seen),
            "accuracy": _rounded(right / seen),
            "val_loss": _rounded(validation.loss),
            "val_accuracy": _rounded(validation.accuracy),
            "learning_rate": float(f"{float(np.asarray(self.model.optimizer.learning_rate)):.4g}"),
            "seconds": round(time.monotonic() - started, 3),
        }


class _Clock:
    """Counts steps and guesses the time left from the pace so far, the first step (the compilation) left out."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._started = 0.0

    @property
    def started(self) -> bool:
        """Whether a step was counted."""
        return self._done > 0

    def step(self) -> tuple[int, float | None]:
        """Counts one step. Returns the steps done and the seconds left, None before there is a pace."""
        self._done += 1
        if self._done == 1:
            self._started = time.monotonic()
            return 1, None
        pace = (time.monotonic() - self._started) / (self._done - 1)
        return self._done, round(pace * (self._total - self._done), 1)


def _rounded(value: float) -> float:
    return round(float(value), 5)
