"""Medians, ends and percentiles."""

from __future__ import annotations

from benchmarks.support.stats import Summary, percentile, summary


def test_a_summary_has_the_middle_and_both_ends() -> None:
    assert summary([3.0, 1.0, 8.0]) == Summary(median=3.0, low=1.0, high=8.0, count=3)


def test_the_95th_percentile_is_one_of_the_measurements() -> None:
    assert percentile([float(number) for number in range(1, 101)], 95) == 95
    assert percentile([5.0, 1.0], 95) == 5
    assert percentile([7.0], 50) == 7
