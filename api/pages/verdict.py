"""What the gate said about a version, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.registry import GateRule, GateVerdict
from shared.shares import cut, percent, points


@dataclass(frozen=True)
class Rule:
    """One rule of the gate: what was compared, the number that came out, and whether it holds."""

    words: str
    value: str
    passed: bool


@dataclass(frozen=True)
class Verdict:
    """What the gate said; `sentence` says it in words, and `policy` what it was asked for."""

    passed: bool
    sentence: str
    policy: str
    rules: Sequence[Rule]


POLICIES = {
    "if_better": "It was to be served if it was better.",
    "always": "It was to be served whatever the gate said.",
    "never": "It was not to be served by itself, whatever the gate said.",
}


def verdict_of(gate: GateVerdict | None) -> Verdict | None:
    """Returns the gate's verdict in words, or None where the gate was not asked."""
    if gate is None:
        return None
    return Verdict(gate.passed, gate.reason, POLICIES[gate.policy], [_rule(gate, rule) for rule in gate.rules])


def _rule(gate: GateVerdict, rule: GateRule) -> Rule:
    if rule.rule == "min_accuracy":
        return Rule(f"right on at least {cut(rule.limit)}", percent(rule.value), rule.passed)
    if rule.rule == "max_class_drop":
        label = f": {rule.label}" if rule.label else ""
        return Rule(f"largest loss of a class{label} (at most {cut(rule.limit)})", points(-rule.value), rule.passed)
    against = f" against {percent(gate.champion_accuracy)} of v{gate.champion}" if gate.champion_accuracy else ""
    asked = f" (at least {points(rule.limit)})" if rule.limit else ""
    return Rule(f"right on {percent(gate.accuracy)}{against}{asked}", points(rule.value), rule.passed)
