"""Unequal classes: how unequal they are, and what is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.recipes import Balance


def shown_per_class(counts: NDArray[np.int64], balance: Balance) -> NDArray[np.int64]:
    """Returns how many pictures of each class a pass over the training side shows.

    Args:
        counts: pictures of each class, int64 (labels,), none of them 0.
    """
    if balance == "undersample":
        return np.full_like(counts, counts.min())
    if balance == "oversample":
        return np.full_like(counts, counts.max())
    return counts


def class_weights(counts: NDArray[np.int64], balance: Balance) -> NDArray[np.float32]:
    """Returns what each class's pictures count in the loss, float32 (labels,): all the same on the whole."""
    if balance != "class_weight":
        return np.ones(len(counts), np.float32)
    return np.asarray(counts.sum() / (len(counts) * counts), np.float32)


def balance_report(counts: NDArray[np.int64], labels: Sequence[str], balance: Balance) -> dict[str, Any]:
    """Returns the check of the classes' balance, for who asked for the training.

    `imbalance` is the largest class by the smallest, 1.0 is balanced; `shown` says how many pictures of each class an
    epoch shows, and `weights` what each counts in the loss.
    """
    shown, weights = shown_per_class(counts, balance), class_weights(counts, balance)
    return {
        "balance": balance,
        "imbalance": round(float(counts.max() / counts.min()), 3),
        "counts": dict(zip(labels, counts.tolist(), strict=True)),
        "shown": dict(zip(labels, shown.tolist(), strict=True)),
        "weights": {label: round(float(weight), 4) for label, weight in zip(labels, weights, strict=True)},
    }
