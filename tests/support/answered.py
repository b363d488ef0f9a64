"""Versions that know what they said to each test picture, for tests that look at them."""

from __future__ import annotations

from collections.abc import Callable

from shared.datasets import DatasetManifest
from shared.registry import Dataset, Manifest, Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from trainer.datasets.version import open_version

# What a version says to a test picture, by its number on the test side and its true class: the answer and its score.
Says = Callable[[int, int], tuple[int, float]]


def answered_version(
    storage: Storage, registry: Registry, dataset: DatasetManifest, number: int, says: Says, name: str = ""
) -> Manifest:
    """Publishes a version of the model named as its dataset, with its answers to the dataset's test side."""
    version = open_version(storage, f"{dataset.name}@{dataset.version}")
    labels = tuple(version.classes)
    confusion = [[0] * len(labels) for _ in labels]
    lines = ["index,true,said,score"]
    for count, place in enumerate(version.test.tolist()):
        true = int(version.labels[place])
        said, score = says(count, true)
        confusion[true][said] += 1
        lines.append(f"{place},{true},{said},{score:.6f}")
    manifest = toy_manifest(name or dataset.name, number, labels).model_copy(
        update={"dataset": Dataset(name=dataset.name, version=dataset.version), "confusion": confusion}
    )
    registry.publish(manifest, {"answers.csv": "\n".join(lines).encode()})
    return manifest
