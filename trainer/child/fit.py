"""The training loop: batches in, a history out, the weights of the best epoch kept. It goes on where it was killed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

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
from trainer.children.stop import StopFlag, Stopped


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

    The best epoch is the one with the lowest validation loss; its weights are the model's in the end.

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
    _best_epoch: int = 0

    def run(self) -> History:
        """Trains.

        Returns:
            One entry an epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate, seconds.

        Raises:
            TrainingDiverged: the loss is no longer a number.
            Stopped: it was told to stop, or to keep what it has when there is nothing yet.
        """
        self._phases = phases_of(self.settings)
        self._patience = Patience.of(self.settings)
        self._epochs = self._phases[-1].last
        first = self._resume()
        self._clock = Clock(self._epochs * len(self.batches), (first - 1) * len(self.batches))
        told = {"epoch": min(first, self._epochs), "epochs": self._epochs, "history": self._history}
        self.events.progress(now=True, phase="training", total=self._clock.total, done=self._clock.done, **told)
        for phase in self._phases:
            if phase.last >= first:
                self._phase(phase, max(first, phase.first))
            if self.stop.keep:
                break
        self.learner.set_weights(self._best)
        return self._history

    def _phase(self, phase: Phase, first: int) -> None:
        if first == phase.first:
            self._patience = Patience.of(self.settings)
            self.learner.begin(phase)
        rate = Rate.of(self.settings, phase.learning_rate, phase.epochs * len(self.batches))
        for epoch in range(first, phase.last + 1):
            entry = self._epoch(epoch, phase, rate)
            if entry is None:
                return
            go_on = self._ended(entry)
            if self.stop.keep or not go_on:
                return

    def _ended(self, entry: dict[str, float]) -> bool:
        """Takes an epoch into account. Returns whether the phase goes on."""
        epoch = int(entry["epoch"])
        self._history.append(entry)
        self.events.progress(now=True, epoch=epoch, history=self._history)
        if entry["val_loss"] <= min(earlier["val_loss"] for earlier in self._history):
            self._best, self._best_epoch = self.learner.weights(), epoch
        go_on = self._patience.saw(entry["val_loss"])
        if not self.stop.keep and epoch < self._epochs:
            model, optimizer = self.learner.state()
            self.checkpoints.save(
                State(epoch, self._history, self._patience.state(), self._best_epoch, model, optimizer, self._best)
            )
        return go_on

    def _resume(self) -> int:
        """Takes up the last checkpoint. Returns the first epoch to run."""
        state = self.checkpoints.load()
        if state is None:
            return 1
        self._history, self._best, self._best_epoch = state.history, state.best, state.best_epoch
        phase, following = phase_at(self._phases, state.epoch), state.epoch + 1
        self.learner.begin(phase)
        self.learner.set_state(state.model, state.optimizer)
        self._patience.restore(state.patience)
        return following

    def _epoch(self, epoch: int, phase: Phase, rate: Rate) -> dict[str, float] | None:
        """Runs one epoch. Returns its entry, or None if it was broken off to keep what earlier ones gave."""
        started = time.monotonic()
        step = (epoch - phase.first) * len(self.batches)
        self.learner.reset()
        with closing(self.batches.epoch(epoch)) as batches:
            for batch in batches:
                self.advanced()
                if self.stop.keep:
                    break
                if not self._clock.started:
                    self.events.waiting("compiling the training step")
                learning_rate = rate.at(step) * self._patience.factor
                self.learner.learn(batch, learning_rate)
                step += 1
                if self.events.progress(epoch=epoch, done=self._clock.done + 1, eta_s=self._clock.step()):
                    self._check(epoch)
        if self.stop.keep and (self._history or step == (epoch - phase.first) * len(self.batches)):
            if not self._history:
                raise Stopped
            return None
        self._check(epoch)
        return self._entry(epoch, learning_rate, started)

    def _entry(self, epoch: int, learning_rate: float, started: float) -> dict[str, float]:
        loss, accuracy = self.learner.means()
        validation = self.learner.validate()
        return {
            "epoch": epoch,
            "loss": round(loss, 5),
            "accuracy": round(accuracy, 5),
            "val_loss": round(validation.loss, 5),
            "val_accuracy": round(validation.accuracy, 5),
            "learning_rate": float(f"{learning_rate:.4g}"),
            "seconds": round(time.monotonic() - started, 3),
        }

    def _check(self, epoch: int) -> None:
        loss, _ = self.learner.means()
        if not math.isfinite(loss):
            raise TrainingDiverged(f"The loss became {loss} in epoch {epoch}. A lower learning_rate may help.")
