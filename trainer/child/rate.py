"""The learning rate of each step, as a number of that step alone, so that a resumed training goes on with the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from shared.recipes import Value

# Where the schedule `cosine` starts and ends, as a share of its height.
LOWEST_SHARE = 0.02


@dataclass(frozen=True)
class Rate:
    """The learning rate over a phase.

    Attributes:
        height: the highest.
        steps: of the phase.
        warmup: steps in which it rises.
    """

    height: float
    steps: int
    schedule: str = "constant"
    warmup: int = 0

    @classmethod
    def of(cls, settings: Mapping[str, Value], height: float, steps: int) -> Rate:
        """Returns the rate that a recipe's parameters ask for."""
        warmup = round(steps * float(settings.get("warmup_fraction", 0.0)))
        return cls(height, steps, str(settings.get("schedule", "constant")), warmup)

    def at(self, step: int) -> float:
        """Returns the rate of a step, counted from 0: a linear rise and a cosine fall (arXiv:1608.03983)."""
        if self.schedule == "constant":
            return self.height
        if step < self.warmup:
            return self.height * (LOWEST_SHARE + (1 - LOWEST_SHARE) * step / self.warmup)
        share = min(1.0, (step - self.warmup) / max(1, self.steps - self.warmup))
        return self.height * (LOWEST_SHARE + (1 - LOWEST_SHARE) * (1 + math.cos(math.pi * share)) / 2)
