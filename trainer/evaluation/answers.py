"""The answer to every test picture, as a file of the version: any cell of the confusion matrix can be opened again."""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray


def answers_file(answers: NDArray[np.float32], targets: NDArray[np.int64], places: NDArray[np.int64]) -> bytes:
    """Returns `answers.csv`, one line a test picture in the order of the dataset: `index,true,said,score`.

    Classes are places in the version's `labels`, counted from 0. It is CSV and not NumPy's format because the API,
    which shows it, has no NumPy.

    Args:
        answers: probabilities (n, labels).
        targets: true classes (n,).
        places: each picture's place in the dataset version (n,).
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["index", "true", "said", "score"])
    said, scores = answers.argmax(axis=1), answers.max(axis=1)
    for i in np.argsort(places, kind="stable"):
        lines.writerow([int(places[i]), int(targets[i]), int(said[i]), f"{float(scores[i]):.6f}"])
    return text.getvalue().encode("ascii")
