"""The fit verdict: does the model know its pictures by heart, or not even those?"""

from __future__ import annotations

from typing import Literal

from shared.registry import SplitMetrics

Fit = Literal["good", "overfit", "underfit"]

# An accuracy this far under that on training pictures is more than the luck of a split of a few hundred.
GAP = 0.05

RULE = (
    "underfit: on the pictures it was trained on, the model is wrong more than half as often as always answering the "
    f"most frequent class would be. Else overfit: it is right on training pictures more than {GAP} more often than on "
    "validation pictures, or than on test pictures. Else good."
)


def fit_verdict(train: SplitMetrics, validation: SplitMetrics, test: SplitMetrics, most_frequent: float) -> Fit:
    """Says how the model fits, by `RULE`.

    The test side counts too: validation pictures choose the best epoch, so their accuracy is flattering.

    Args:
        train: on training pictures as they are, without augmentation.
        most_frequent: share of the most frequent class on the training side.
    """
    if 1 - train.accuracy > (1 - most_frequent) / 2:
        return "underfit"
    if train.accuracy - min(validation.accuracy, test.accuracy) > GAP:
        return "overfit"
    return "good"
