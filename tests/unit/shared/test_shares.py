"""Shares as people read them."""

from __future__ import annotations

import pytest

from shared.shares import SPACE, cut, percent, points


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.972, "97.2 %"),
        (1, "100.0 %"),
        (0, "0.0 %"),
        (0.99951, "> 99.9 %"),
        (0.9994, "99.9 %"),
        (0.00049, "< 0.1 %"),
        (0.0005, "0.1 %"),
    ],
)
def test_a_share_never_looks_like_all_or_nothing_when_it_is_not(share: float, text: str) -> None:
    assert percent(share).replace(SPACE, " ") == text


def test_a_whole_percentage_has_no_digits_behind_the_point() -> None:
    assert percent(0.62, 0).replace(SPACE, " ") == "62 %"


@pytest.mark.parametrize(("share", "text"), [(0.6, "60 %"), (0.995, "99.5 %"), (0.07, "7 %")])
def test_a_threshold_is_as_short_as_it_is(share: float, text: str) -> None:
    assert cut(share).replace(SPACE, " ") == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.012, "+1.2"), (-0.004, "\u22120.4"), (0.0, "0.0"), (0.0002, "+0.02"), (-0.00004, "\u22120.004"), (1e-9, "0.0")],
)
def test_a_difference_never_looks_like_none_when_it_is_not(difference: float, text: str) -> None:
    assert points(difference) == text
