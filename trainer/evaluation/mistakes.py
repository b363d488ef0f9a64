"""The worst mistakes: where the model is wrong and surest of it. Often it is the label that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.registry import Mistake

MOST = 24


def worst_mistakes(
    answers: NDArray[np.float32], targets: NDArray[np.int64], places: NDArray[np.int64], labels: Sequence[str]
) -> list[Mistake]:
    """Returns at most 24 wrong answers, surest first.

    Args:
        answers: probabilities (n, labels).
        targets: true classes (n,).
        places: each picture's place in the dataset version (n,).
    """
    said, scores = answers.argmax(axis=1), answers.max(axis=1)
    wrong = np.flatnonzero(said != targets)
    # Among equally sure ones the order of the dataset decides, so that the list is the same each time.
    surest = wrong[np.lexsort((places[wrong], -scores[wrong]))][:MOST]
    return [
        Mistake(
            index=int(places[i]),
            true=labels[int(targets[i])],
            said=labels[int(said[i])],
            score=round(min(1.0, float(scores[i])), 6),
        )
        for i in surest
    ]
