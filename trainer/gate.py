"""The gate: by which rules a challenger replaces the champion. Both are asked about the same test pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.registry import GateCode, GateRule, GateVerdict, Policy
from shared.schemas.gate import Gate
from shared.shares import cut, percent, points

# Shares of counts are compared as floats: 0.91 - 0.90 must not miss a gain of 0.01.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Challenger:
    """A new version's answers on the test side.

    Attributes:
        said, true: classes (n,), as places in `labels`.
    """

    version: int
    labels: Sequence[str]
    said: NDArray[np.int64]
    true: NDArray[np.int64]


@dataclass(frozen=True)
class Champion:
    """The served version, and its answers on the challenger's test side.

    Attributes:
        said: classes (n,), as places in the *challenger's* labels; None if it could not be asked.
        trouble: why not, in words; None if its class names are others.
    """

    version: int
    labels: Sequence[str]
    said: NDArray[np.int64] | None
    trouble: str | None = None


def judge(gate: Gate, policy: Policy, challenger: Challenger, champion: Champion | None) -> GateVerdict:
    """Returns the verdict on a challenger, with the numbers of every rule that can be looked at.

    Args:
        policy: what the client asked for. It is written down and decides nothing here.
        champion: None if no version is served.
    """
    rules = _rules(gate, challenger, champion)
    code, reason = _reason(rules, challenger, champion)
    scored = champion.said if champion else None
    return GateVerdict(
        policy=policy,
        passed=code in ("first_version", "better"),
        code=code,
        reason=reason,
        champion=champion.version if champion else None,
        accuracy=_accuracy(challenger.said, challenger.true),
        champion_accuracy=None if scored is None else _accuracy(scored, challenger.true),
        count=len(challenger.true),
        rules=rules,
    )


def _rules(gate: Gate, challenger: Challenger, champion: Champion | None) -> list[GateRule]:
    said, true = challenger.said, challenger.true
    accuracy = _accuracy(said, true)
    rules = []
    if champion is not None and champion.said is not None:
        gain = accuracy - _accuracy(champion.said, true)
        enough = gain > ROUNDING and gain >= gate.min_gain - ROUNDING
        rules.append(GateRule(rule="min_gain", limit=gate.min_gain, value=round(gain, 6), passed=enough))
        drop, index = _largest_drop(champion.said, said, true, len(challenger.labels))
        rules.append(
            GateRule(
                rule="max_class_drop",
                limit=gate.max_class_drop,
                value=round(drop, 6),
                label=challenger.labels[index],
                passed=drop <= gate.max_class_drop + ROUNDING,
            )
        )
    if gate.min_accuracy is not None:
        holds = accuracy >= gate.min_accuracy - ROUNDING
        rules.append(GateRule(rule="min_accuracy", limit=gate.min_accuracy, value=accuracy, passed=holds))
    return rules


def _reason(rules: Sequence[GateRule], challenger: Challenger, champion: Champion | None) -> tuple[GateCode, str]:
    """Returns the verdict's code and its sentence: the first of what stands against the challenger, if anything."""
    failed = {rule.rule: rule for rule in rules if not rule.passed}
    accuracy = percent(_accuracy(challenger.said, challenger.true))
    count = f"{len(challenger.true)} test picture{'s' if len(challenger.true) != 1 else ''}"
    if "min_accuracy" in failed:
        limit = cut(failed["min_accuracy"].limit)
        return "too_inaccurate", f"Its accuracy of {accuracy} on {count} is below min_accuracy, {limit}."
    if champion is None:
        return "first_version", f"It is the first version to be served, with an accuracy of {accuracy} on {count}."
    if champion.said is None:
        return _not_compared(challenger, champion)
    against = percent(_accuracy(champion.said, challenger.true))
    now = f"Its accuracy is {accuracy} on {count} against {against} of version {champion.version}"
    gain = next(rule for rule in rules if rule.rule == "min_gain")
    if not gain.passed:
        asked = "the gain has to be above 0" + (f" and at least min_gain, {points(gain.limit)}" if gain.limit else "")
        return "not_better", f"{now}: a gain of {points(gain.value)} points, and {asked}."
    drop = next(rule for rule in rules if rule.rule == "max_class_drop")
    if not drop.passed:
        fell = f"its recall of {drop.label!r} changes by {points(-drop.value)} points"
        return "class_dropped", f"{now}, but {fell}, and max_class_drop allows {points(-drop.limit)}."
    return "better", f"{now}: a gain of {points(gain.value)} points, and no class's recall dropped too far."


def _not_compared(challenger: Challenger, champion: Champion) -> tuple[GateCode, str]:
    if champion.trouble is not None:
        return "champion_unusable", f"Version {champion.version} could not be compared with: {champion.trouble}"
    new = sorted(set(challenger.labels) - set(champion.labels))
    gone = sorted(set(champion.labels) - set(challenger.labels))
    changes = [f"{word} {_listed(names)}" for word, names in (("new:", new), ("gone:", gone)) if names]
    return "classes_changed", f"Its classes are not those of version {champion.version} ({'; '.join(changes)})."


def _largest_drop(
    before: NDArray[np.int64], after: NDArray[np.int64], true: NDArray[np.int64], labels: int
) -> tuple[float, int]:
    """Returns the largest drop of a class's recall, negative if all rose, and the class."""
    support = np.bincount(true, minlength=labels)
    right_before = np.bincount(true[before == true], minlength=labels)
    right_after = np.bincount(true[after == true], minlength=labels)
    # A class without test pictures has no recall that could drop.
    drops = np.where(support > 0, (right_before - right_after) / np.maximum(support, 1), -np.inf)
    worst = int(drops.argmax())
    return float(drops[worst]), worst


def _accuracy(said: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    return round(float((said == true).mean()), 6)


def _listed(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
