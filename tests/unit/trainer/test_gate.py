"""The gate: both versions are asked about the same pictures, and every rule says its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.registry import GateRule, GateVerdict
from shared.schemas.gate import Gate
from shared.shares import SPACE
from trainer.gate import Challenger, Champion, judge

LABELS = ("cat", "dog")
# 100 cats, then 100 dogs.
TRUE = np.repeat([0, 1], 100).astype(np.int64)


def said(cats: int, dogs: int) -> NDArray[np.int64]:
    """Returns answers that are right about so many cats and so many dogs."""
    return np.array([0] * cats + [1] * (100 - cats) + [1] * dogs + [0] * (100 - dogs), np.int64)


def verdict(
    new: tuple[int, int], old: tuple[int, int] | None, gate: Gate | None = None, labels: Sequence[str] = LABELS
) -> GateVerdict:
    """Returns the gate's verdict on two versions that are right about so many cats and dogs."""
    champion = Champion(3, labels, said(*old)) if old else None
    return judge(gate or Gate(), "if_better", Challenger(4, LABELS, said(*new), TRUE), champion)


def rule(found: GateVerdict, name: str) -> GateRule:
    """Returns the rule of that name."""
    return next(one for one in found.rules if one.rule == name)


def test_a_better_version_passes_and_says_by_how_much() -> None:
    found = verdict((95, 95), (90, 90))

    assert (found.passed, found.code, found.champion) == (True, "better", 3)
    assert (found.accuracy, found.champion_accuracy, found.count) == (0.95, 0.9, 200)
    assert found.gain == pytest.approx(0.05)
    assert rule(found, "min_gain").value == 0.05
    assert rule(found, "max_class_drop").value == -0.05
    assert f"95.0{SPACE}% on 200 test pictures against 90.0{SPACE}% of version 3: a gain of +5.0 points" in found.reason


def test_as_good_is_not_better() -> None:
    found = verdict((90, 90), (90, 90))
    assert (found.passed, found.code) == (False, "not_better")
    assert not rule(found, "min_gain").passed
    assert rule(found, "max_class_drop").passed


@pytest.mark.parametrize(("cats", "passes"), [(92, True), (93, True), (91, False)])
def test_a_gain_of_just_min_gain_is_enough(cats: int, passes: bool) -> None:
    # 0.91 - 0.90 is not 0.01 in binary fractions.
    found = verdict((cats, 90), (90, 90), Gate(min_gain=0.01))
    assert found.passed is passes
    assert (
        "a gain of +0.5 points, and the gain has to be above 0 and at least min_gain, +1.0." in found.reason
    ) is not passes


@pytest.mark.parametrize(("dogs", "passes"), [(88, True), (87, False)])
def test_no_class_may_drop_by_more_than_max_class_drop(dogs: int, passes: bool) -> None:
    found = verdict((99, dogs), (90, 90))

    assert found.passed is passes
    drop = rule(found, "max_class_drop")
    assert (drop.label, drop.value, drop.limit, drop.passed) == ("dog", (90 - dogs) / 100, 0.02, passes)
    if not passes:
        assert found.code == "class_dropped"
        assert "recall of 'dog' changes by \u22123.0 points, and max_class_drop allows \u22122.0." in found.reason


def test_a_class_without_test_pictures_drops_nothing() -> None:
    true, labels = np.array([0, 0, 1], np.int64), ("cat", "dog", "fox")
    challenger = Challenger(2, labels, true.copy(), true)
    found = judge(Gate(), "if_better", challenger, Champion(1, labels, np.array([0, 1, 1], np.int64)))
    assert found.passed
    assert rule(found, "max_class_drop").value == 0.0


@pytest.mark.parametrize(("least", "passes"), [(0.95, True), (0.96, False)])
def test_min_accuracy_holds_for_the_first_version_too(least: float, passes: bool) -> None:
    first = verdict((95, 95), None, Gate(min_accuracy=least))
    later = verdict((95, 95), (90, 90), Gate(min_accuracy=least))

    for found in (first, later):
        assert found.passed is passes
        assert rule(found, "min_accuracy").passed is passes
    assert first.code == ("first_version" if passes else "too_inaccurate")
    assert (first.champion, first.champion_accuracy, first.gain) == (None, None, None)
    if not passes:
        assert f"95.0{SPACE}% on 200 test pictures is below min_accuracy, 96{SPACE}%." in first.reason


def test_other_classes_do_not_pass_and_are_named() -> None:
    challenger = Challenger(4, ("cat", "wolf"), said(99, 99), TRUE)
    found = judge(Gate(), "if_better", challenger, Champion(3, LABELS, None))

    assert (found.passed, found.code) == (False, "classes_changed")
    assert found.rules == []
    assert "new: wolf; gone: dog" in found.reason


def test_a_champion_that_cannot_be_asked_is_not_beaten() -> None:
    challenger = Challenger(4, LABELS, said(99, 99), TRUE)
    found = judge(Gate(), "if_better", challenger, Champion(3, LABELS, None, "model.keras is damaged"))
    assert (found.passed, found.code) == (False, "champion_unusable")
    assert "model.keras is damaged" in found.reason


@pytest.mark.parametrize(
    ("policy", "new", "promotes"),
    [
        ("if_better", (95, 95), True),
        ("if_better", (80, 80), False),
        ("always", (80, 80), True),
        ("never", (95, 95), False),
    ],
)
def test_the_policy_decides_with_the_verdict_and_does_not_change_it(
    policy: str, new: tuple[int, int], promotes: bool
) -> None:
    challenger = Challenger(4, LABELS, said(*new), TRUE)
    found = judge(Gate(), policy, challenger, Champion(3, LABELS, said(90, 90)))  # type: ignore[arg-type]
    assert found.promotes is promotes
    assert found.passed is (new == (95, 95))
