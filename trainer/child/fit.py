"""The training loop: batches in, a history out, the weights of the best epoch kept. It goes on where it was killed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from shared.errors import TrainingDiverged
from shared.recipes import Value
from shared.registry import SplitMetrics
from trainer.child.batches import Batch, Batches
from trainer.child.checkpoint import Arrays, Checkpoints, History, State
from trainer.child.clock import Clock
from trainer.child.patience import Patience
from trainer.child.phases import Phase, phase_at, phases_of
from trainer.child.rate import Rate
from trainer.children.events import Events
from trainer.children.stop import StopFlag


class Learner(Protocol):
    """A model that learns; `trainer.child.learner` has the one there is."""

    def begin(self, phase: Phase) -> None:
        """Begins a phase with a new optimizer."""

    def learn(self, batch: Batch, learning_rate: float) -> None:
        """Takes one step."""

    def reset(self) -> None:
        """Forgets the means, at the start of an epoch."""

    def means(self) -> tuple[float, float]:
        """Returns loss and accuracy over all pictures since `reset`."""
        ...

    def validate(self) -> SplitMetrics:
        """Returns how good it is on the validation side."""
        ...

    def weights(self) -> Arrays:
        """Returns what the model answers with."""
        ...

    def set_weights(self, weights: Arrays) -> None:
        """Takes weights."""

    def state(self) -> tuple[Arrays, Arrays]:
        """Returns every variable of the model and of the optimizer."""
        ...

    def set_state(self, model: Arrays, optimizer: Arrays | None) -> None:
        """Takes variables; None leaves the optimizer as it is."""


@dataclass
class Fit:
    """One run of the loop.

    The best epoch is the one with the lowest validation loss; its weights are the model's in the end. Told to keep what
    there is, it ends after the batch at hand, with the best epoch's weights or, within the first epoch, those it has.

    Attributes:
        advanced: called after each batch; may raise to stop.
    """

    learner: Learner
    batches: Batches
    settings: Mapping[str, Value]
    checkpoints: Checkpoints
    events: Events
    stop: StopFlag
    advanced: Callable[[], None]
    _history: History = field(default_factory=list)
    _best: Arrays = field(default_factory=list)

    def run(self) -> History:
        """Trains.

        Returns:
            One entry an epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate, seconds.

        Raises:
            TrainingDiverged: the loss or a weight is no longer a number.
            Stopped: it was told to stop.
        """
        self._phases = phases_of(self.settings)
        self._patience = Patience.of(self.settings)
        epochs = self._phases[-1].last
        following = self._resume()
        self._clock = Clock(epochs * len(self.batches), (following - 1) * len(self.batches))
        told = {"epoch": min(following, epochs), "epochs": epochs, "history": self._history}
        self.events.progress(now=True, phase="training", total=self._clock.total, done=self._clock.done, **told)
        while following <= epochs and not (self.stop.keep and self._history):
            following = self._run(following)
        self.learner.set_weights(self._best)
        return self._history

    def _resume(self) -> int:
        """Takes up the last checkpoint. Returns the epoch to run next."""
        state = self.checkpoints.load()
        if state is None:
            return 1
        self._history, self._best = state.history, state.best
        phase = phase_at(self._phases, int(state.history[-1]["epoch"]))
        same = phase.first < state.following <= phase.last
        if same:
            self.learner.begin(phase)
            self._patience.restore(state.patience)
        self.learner.set_state(state.model, state.optimizer if same else None)
        return state.following

    def _run(self, epoch: int) -> int:
        """Runs an epoch and all that follows from it. Returns the epoch to run next."""
        phase = phase_at(self._phases, epoch)
        if epoch == phase.first:
            self._patience = Patience.of(self.settings)
            self.learner.begin(phase)
        started = time.monotonic()
        self.events.progress(now=True, epoch=epoch)
        learning_rate = self._learn(epoch, phase)
        if self.stop.keep and self._history:
            # What this epoch began is worth less than the best of those before.
            return epoch
        # Its first batch may have to be compiled.
        self.events.waiting("validating the epoch")
        entry = self._entry(epoch, learning_rate, started)
        best = entry["val_loss"] < min((earlier["val_loss"] for earlier in self._history), default=math.inf)
        weights = self.learner.weights()
        _check_weights(epoch, weights)
        if best:
            self._best = weights
        self._history.append(entry)
        self.events.progress(now=True, history=self._history)
        following = epoch + 1 if self._patience.saw(entry["val_loss"]) else phase.last + 1
        self._clock.skip_to((following - 1) * len(self.batches))
        model, optimizer = self.learner.state()
        self.events.waiting("storing a checkpoint")
        self.checkpoints.save(State(following, self._history, self._patience.state(), model, optimizer, self._best))
        self.events.progress(now=True)
        return following

    def _learn(self, epoch: int, phase: Phase) -> float:
        """Goes through an epoch's batches, or until it is to keep what there is. Returns the last learning rate."""
        rate = Rate.of(self.settings, phase.learning_rate, phase.epochs * len(self.batches))
        first = step = (epoch - phase.first) * len(self.batches)
        learning_rate = 0.0
        self.learner.reset()
        with closing(self.batches.epoch(epoch)) as batches:
            for batch in batches:
                self.advanced()
                if self.stop.keep and (self._history or step > first):
                    break
                if not self._clock.started:
                    self.events.waiting("compiling the training step")
                learning_rate = rate.at(step) * self._patience.factor
                self.learner.learn(batch, learning_rate)
                step += 1
                eta_s = self._clock.step()
                if self.events.progress(done=self._clock.done, eta_s=eta_s):
                    _check(epoch, self.learner.means()[0])
        return learning_rate

    def _entry(self, epoch: int, learning_rate: float, started: float) -> dict[str, float]:
        loss, accuracy = self.learner.means()
        _check(epoch, loss)
        validation = self.learner.validate()
        # The last step of all may be the one that goes wrong.
        _check(epoch, validation.loss)
        return {
            "epoch": epoch,
            "loss": round(loss, 5),
            "accuracy": round(accuracy, 5),
            "val_loss": round(validation.loss, 5),
            "val_accuracy": round(validation.accuracy, 5),
            "learning_rate": float(f"{learning_rate:.4g}"),
            "seconds": round(time.monotonic() - started, 3),
        }


def _check_weights(epoch: int, weights: Arrays) -> None:
    """Refuses weights that are no numbers. A loss can hide them: some kernels make 0 of what is not a number."""
    if not all(np.isfinite(array).all() for array in weights):
        raise TrainingDiverged(f"The weights became nan in epoch {epoch}. A lower learning_rate may help.")


def _check(epoch: int, loss: float) -> None:
    if not math.isfinite(loss):
        raise TrainingDiverged(f"The loss became {loss} in epoch {epoch}. A lower learning_rate may help.")
