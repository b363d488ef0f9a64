"""What is done when the validation loss no longer falls: the learning rate is lowered, and then the training ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.recipes import Value


@dataclass
class Patience:
    """Watches the validation loss of one phase.

    Attributes:
        lowest: the lowest loss so far.
        factor: what the learning rate is multiplied with by now.
    """

    stop_after: int
    reduce_after: int
    reduce_factor: float
    lowest: float = math.inf
    factor: float = 1.0
    _since_best: int = 0
    _since_change: int = 0

    @classmethod
    def of(cls, settings: Mapping[str, Value]) -> Patience:
        """Returns what a recipe's parameters ask for; 0 epochs of patience mean without end."""
        return cls(
            int(settings.get("early_stopping_patience", 0)),
            int(settings.get("reduce_on_plateau_patience", 0)),
            float(settings.get("reduce_on_plateau_factor", 1.0)),
        )

    def saw(self, loss: float) -> bool:
        """Takes an epoch's validation loss. Returns whether to go on."""
        if loss < self.lowest:
            self.lowest, self._since_best, self._since_change = loss, 0, 0
            return True
        self._since_best += 1
        self._since_change += 1
        if self.reduce_after and self._since_change >= self.reduce_after:
            self.factor *= self.reduce_factor
            self._since_change = 0
        return not self.stop_after or self._since_best < self.stop_after

    def state(self) -> dict[str, Any]:
        """Returns what a resumed training has to know, as JSON."""
        lowest = None if math.isinf(self.lowest) else self.lowest
        return {"lowest": lowest, "factor": self.factor, "best": self._since_best, "change": self._since_change}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from a state."""
        self.lowest = math.inf if state["lowest"] is None else state["lowest"]
        self.factor, self._since_best, self._since_change = state["factor"], state["best"], state["change"]
