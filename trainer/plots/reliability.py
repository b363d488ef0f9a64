"""The reliability diagram: how often answers of each score are right. On the diagonal a score means what it says.

As in Guo et al. 2017, "On Calibration of Modern Neural Networks" (arXiv:1706.04599), figure 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.registry import CalibrationBin
from trainer.plots.style import BLUE, GREY, ORANGE, figure, png, styled


def reliability_plot(bins: Sequence[CalibrationBin], error: float) -> bytes:
    """Returns `reliability.png`.

    Args:
        error: the expected calibration error.
    """
    with styled():
        drawn = figure(5, 5.4)
        upper, lower = drawn.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        edges = [one.lower for one in bins]
        width = bins[0].upper - bins[0].lower
        upper.bar(edges, [one.accuracy or 0 for one in bins], width, align="edge", color=BLUE, edgecolor="white")
        upper.plot([0, 1], [0, 1], color=ORANGE, linestyle="--", linewidth=1, label="as often as the score says")
        upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="Share of right answers")
        upper.set_title(f"Expected calibration error {error:.4f}", loc="left")
        upper.legend(loc="upper left")
        lower.bar(edges, [one.count for one in bins], width, align="edge", color=GREY, edgecolor="white")
        lower.set(xlabel="Score of the answer", ylabel="Answers")
        return png(drawn)
