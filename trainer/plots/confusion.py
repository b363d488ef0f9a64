"""The confusion matrix as a picture: each row a class, each column an answer, shaded by its share of the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from trainer.plots.style import INK, figure, png, shown, styled

# With more classes numbers do not fit their cells, and with still more not every name has room.
MOST_NUMBERS = 25
MOST_NAMES = 60
CELL_INCHES = 0.42
MOST_INCHES = 14.0


def confusion_plot(confusion: Sequence[Sequence[int]], labels: Sequence[str]) -> bytes:
    """Returns `confusion.png`.

    Args:
        confusion: counts by true class (row) and answer (column).
    """
    counts = np.array(confusion, np.int64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with styled():
        side = min(MOST_INCHES, 2.6 + CELL_INCHES * len(labels))
        drawn = figure(side + 0.8, side)
        axes = drawn.add_subplot()
        image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        drawn.colorbar(image, ax=axes, shrink=0.8, label="share of the true class")
        _name(axes, labels)
        if len(labels) <= MOST_NUMBERS:
            _number(axes, counts, shares)
        return png(drawn)


def _name(axes: Axes, labels: Sequence[str]) -> None:
    places = range(0, len(labels), -(-len(labels) // MOST_NAMES))
    names = [shown(labels[place]) for place in places]
    size = 8 if len(labels) <= MOST_NUMBERS else 6
    axes.set_xticks(list(places), names, rotation=45, ha="right", rotation_mode="anchor", fontsize=size)
    axes.set_yticks(list(places), names, fontsize=size)
    axes.set_xlabel("Answer")
    axes.set_ylabel("True class")
    axes.spines[:].set_visible(False)


def _number(axes: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if shares[row, column] > 0.5 else INK
            axes.text(column, row, f"{count:,}", ha="center", va="center", fontsize=7, color=color)
