"""The learning curves: loss and accuracy by epoch, on training and validation pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from trainer.plots.style import BLUE, GREY, ORANGE, figure, png, styled


def history_plot(history: Sequence[Mapping[str, Any]]) -> bytes:
    """Returns `history.png`.

    Args:
        history: one entry an epoch, with epoch, loss, accuracy, val_loss and val_accuracy.
    """
    with styled():
        drawn = figure(9, 3.6)
        left, right = drawn.subplots(1, 2)
        best = min(history, key=lambda entry: float(entry["val_loss"]))["epoch"]
        _curves(left, history, "loss", "Loss", best)
        _curves(right, history, "accuracy", "Accuracy", best)
        right.legend(loc="lower right")
        return png(drawn)


def _curves(axes: Axes, history: Sequence[Mapping[str, Any]], name: str, title: str, best: int) -> None:
    epochs = [entry["epoch"] for entry in history]
    # The line's style tells the sides apart where colours do not.
    axes.plot(epochs, [entry[name] for entry in history], color=BLUE, marker="o", markersize=3, label="training")
    values = [entry[f"val_{name}"] for entry in history]
    axes.plot(epochs, values, color=ORANGE, linestyle="--", marker="s", markersize=3, label="validation")
    axes.axvline(best, color=GREY, linewidth=1, linestyle=":", label=f"lowest validation loss (epoch {best})")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Epoch")
    axes.set_title(title, loc="left")
