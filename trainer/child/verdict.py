"""The fit verdict: does the model know its pictures by heart, or not even those?"""

from __future__ import annotations

from typing import Literal

from shared.registry import SplitMetrics

Verdict = Literal["good", "overfit", "underfit"]

# A validation accuracy this far under the training accuracy is more than the luck of a split of a few hundred.
GAP = 0.05


def fit_verdict(train: SplitMetrics, validation: SplitMetrics, most_frequent: float) -> Verdict:
    """Says how the model fits, by this rule, in this order.

    underfit: on the pictures it was trained on, it removes less than half of the errors that always answering the
    most frequent class makes. overfit: it is right on training pictures more than 0.05 more often than on validation
    pictures. good: neither.

    Args:
        train: on training pictures as they are, without augmentation.
        most_frequent: share of the most frequent class on the training side.
    """
    if 1 - train.accuracy > (1 - most_frequent) / 2:
        return "underfit"
    if train.accuracy - validation.accuracy > GAP:
        return "overfit"
    return "good"
