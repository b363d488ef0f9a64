"""The axis of a chart of shares."""

from __future__ import annotations

import pytest

from api.pages.scale import scale_of
from shared.shares import SPACE


@pytest.mark.parametrize(
    ("shares", "texts"),
    [
        ([0.902, 0.961], ["90 %", "92 %", "94 %", "96 %", "98 %"]),
        ([0.985], ["98 %", "98.5 %", "99 %"]),
        ([1.0], ["99 %", "99.5 %", "100 %"]),
        ([0.0], ["0 %", "0.5 %", "1 %"]),
        ([0.0, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"]),
        ([0.9349, 0.9351], ["93 %", "93.5 %", "94 %"]),
    ],
)
def test_ticks_are_few_and_round(shares: list[float], texts: list[str]) -> None:
    assert [tick.text.replace(SPACE, " ") for tick in scale_of(shares).ticks] == texts


@pytest.mark.parametrize("low", [0.0, 0.1, 0.333, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("span", [0.0, 0.0004, 0.01, 0.07, 0.3, 0.6])
def test_every_share_is_within_the_axis(low: float, span: float) -> None:
    shares = [low, min(1.0, low + span)]
    scale = scale_of(shares)
    assert all(0 <= scale.down(share) <= 100 for share in shares)
    assert len(scale.ticks) <= 5
