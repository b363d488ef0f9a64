"""What the gate said about a version, stored with it: each rule with its numbers, and one sentence."""

from __future__ import annotations

from typing import Literal

from shared.registry.record import Record, Share

# What a client asks for: promotion by the gate's verdict, whatever the gate says, or not at all.
Policy = Literal["if_better", "always", "never"]

GateCode = Literal[
    "first_version", "better", "not_better", "class_dropped", "too_inaccurate", "classes_changed", "champion_unusable"
]


class GateRule(Record):
    """One rule.

    Attributes:
        limit: what was asked for.
        value: what came: the gain, the largest drop of a class's recall, the accuracy.
        label: the class that dropped most.
    """

    rule: Literal["min_gain", "max_class_drop", "min_accuracy"]
    limit: float
    value: float
    label: str | None = None
    passed: bool


class GateVerdict(Record):
    """The gate's verdict on one version, given before it was published.

    Attributes:
        policy: what the client asked for; `passed` does not depend on it.
        passed: whether every rule holds.
        code: why, in one word.
        reason: why, in one sentence with the numbers.
        champion: the version that was served then; None if there was none.
        accuracy: the challenger's, on the test side.
        champion_accuracy: on the same pictures, scored again for this verdict; None where it could not be.
        count: how many test pictures both were asked about.
        rules: those that could be looked at.
    """

    policy: Policy
    passed: bool
    code: GateCode
    reason: str
    champion: int | None
    accuracy: Share
    champion_accuracy: Share | None
    count: int
    rules: list[GateRule]

    @property
    def gain(self) -> float | None:
        """How much more often the challenger is right; None without a comparison."""
        return None if self.champion_accuracy is None else self.accuracy - self.champion_accuracy

    @property
    def promotes(self) -> bool:
        """Whether the version is to be served, policy and gate together."""
        return self.policy == "always" or (self.policy == "if_better" and self.passed)
