"""Sample pictures of a version: of each class two that the model is sure of, and right about, to try it with."""

from __future__ import annotations

import numpy as np

from shared.imaging import thumbnail
from shared.registry import Sample
from trainer.evaluation.evaluate import Evaluation
from trainer.evaluation.pictures import LabelledPictures

PER_CLASS = 2
SIDE = 128
# With hundreds of classes the first ones show enough.
MOST_CLASSES = 50


def sample_files(pictures: LabelledPictures, evaluation: Evaluation) -> tuple[list[Sample], dict[str, bytes]]:
    """Returns the samples, class by class, and their WebP files."""
    answers, targets = evaluation.answers, evaluation.targets
    samples: list[Sample] = []
    files: dict[str, bytes] = {}
    for target, label in enumerate(pictures.labels[:MOST_CLASSES]):
        sure = np.where((targets == target) & (answers.argmax(axis=1) == target), answers[:, target], 0.0)
        for place in np.argsort(-sure, kind="stable")[:PER_CLASS]:
            if sure[place]:
                sample = Sample(file=f"sample-{len(samples)}.webp", label=label)
                samples.append(sample)
                files[sample.file] = thumbnail(pictures.read(int(evaluation.places[place]), SIDE), SIDE)
    return samples, files
