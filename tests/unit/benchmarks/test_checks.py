"""The rule by which a benchmark's run counts, and passes."""

from __future__ import annotations

import math

import pytest

from benchmarks.support.checks import Check, verdict

CONDITION = Check("a peer, of the ceiling", 0.3, least=0.28, condition=True)


@pytest.mark.parametrize(("value", "passed"), [(2.4, False), (2.5, True), (2.6, True), (math.nan, False)])
def test_a_figure_reaches_what_is_asked_at_least(value: float, passed: bool) -> None:
    check = Check("times a peer", value, least=2.5)
    assert check.passed is passed
    assert check.target == "at least 2.5"


@pytest.mark.parametrize(("value", "passed"), [(3.9, True), (4, True), (4.1, False), (math.nan, False)])
def test_a_figure_stays_below_what_is_allowed_at_most(value: float, passed: bool) -> None:
    check = Check("times idle", value, most=4)
    assert check.passed is passed
    assert check.target == "at most 4"


def test_a_run_passes_when_its_conditions_and_targets_hold() -> None:
    found = verdict([CONDITION, Check("times a peer", 3, least=2.5)])
    assert (found.counts, found.passed, found.words) == (True, True, "every target reached")


def test_a_run_with_a_missed_target_counts_but_does_not_pass() -> None:
    found = verdict([CONDITION, Check("times a peer", 2, least=2.5)])
    assert (found.counts, found.passed, found.words) == (True, False, "a target was missed")


def test_a_run_whose_peer_was_slow_does_not_count_however_good_the_rest_is() -> None:
    slow = Check("a peer, of the ceiling", 0.27, least=0.28, condition=True)
    found = verdict([slow, Check("times a peer", 9, least=2.5)])
    assert (found.counts, found.passed, found.words) == (False, False, "does not count")
