"""The parts of a training: one for a network that starts from chance, two for one that starts from a backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.recipes import Value


@dataclass(frozen=True)
class Phase:
    """Some epochs in which the same weights learn.

    Attributes:
        first: its first epoch, counted from 1 through the whole training.
        learning_rate: the highest.
        frozen: whether the backbone is left as it came.
    """

    first: int
    epochs: int
    learning_rate: float
    frozen: bool = False

    @property
    def last(self) -> int:
        """Its last epoch."""
        return self.first + self.epochs - 1


def phases_of(settings: Mapping[str, Value]) -> list[Phase]:
    """Returns a training's phases, in order."""
    epochs, rate = int(settings["epochs"]), float(settings["learning_rate"])
    frozen = int(settings.get("frozen_epochs", 0))
    if "fine_tune_learning_rate" not in settings:
        return [Phase(1, epochs, rate)]
    tuning = Phase(frozen + 1, epochs, float(settings["fine_tune_learning_rate"]))
    return [Phase(1, frozen, rate, frozen=True), tuning] if frozen else [tuning]


def phase_at(phases: Sequence[Phase], epoch: int) -> Phase:
    """Returns the phase that an epoch belongs to."""
    return next(phase for phase in phases if phase.first <= epoch <= phase.last)
