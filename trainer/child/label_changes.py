"""Finds which labels changed since the version before was trained, for the report of a training."""

from __future__ import annotations

import json
import logging

from shared.datasets import DatasetStore
from shared.datasets.layout import CORRECTED, ITEMS
from shared.datasets.report import Corrected
from shared.errors import (
    DatasetNotFound,
    DatasetVersionNotFound,
    FileNotKept,
    ModelNotFound,
    VersionCorrupt,
    VersionNotFound,
)
from shared.registry import ChangedLabel, LabelChanges, Manifest, Registry
from shared.registry.label_changes import MOST_LISTED
from shared.storage import Storage
from trainer.datasets.version import DatasetVersion, open_version

log = logging.getLogger(__name__)


def label_changes(storage: Storage, model: str, version: int, dataset: DatasetVersion) -> LabelChanges | None:
    """Returns what changed in the labels since the newest earlier version of a model that has the same dataset.

    Args:
        version: the number that the new version will have.
        dataset: what it is trained on.

    Returns:
        None if there is no earlier version that can be read, or its dataset version was deleted.
    """
    before = _before(Registry(storage), model, version, dataset.name)
    if before is None:
        return None
    try:
        known = _labels(open_version(storage, dataset.name, before.dataset.version))
        found = _relabelled(storage, known, dataset)
        excluded = _excluded(storage, known, dataset)
    except (DatasetNotFound, DatasetVersionNotFound, VersionCorrupt):
        return None
    return LabelChanges(
        version=before.version,
        dataset=before.dataset.version,
        relabelled=len(found),
        excluded=len(excluded),
        pictures=[*found, *excluded][:MOST_LISTED],
    )


def _before(registry: Registry, model: str, version: int, dataset: str) -> Manifest | None:
    for number in reversed([number for number in registry.versions(model) if number < version]):
        try:
            manifest = registry.manifest(model, number)
        except (ModelNotFound, VersionNotFound, VersionCorrupt) as error:
            # Damaged, or deleted just now: not worth a trained model that is about to be published.
            log.warning("label changes are not compared with %s version %d: %s", model, number, error)
            continue
        if manifest.dataset.name == dataset:
            return manifest
    return None


def _labels(version: DatasetVersion) -> dict[bytes, str]:
    return {row.tobytes(): version.classes[label] for row, label in zip(version.sha256, version.labels, strict=True)}


def _relabelled(storage: Storage, known: dict[bytes, str], dataset: DatasetVersion) -> list[ChangedLabel]:
    now = _labels(dataset)
    places = [
        (place, known[content], label)
        for place, (content, label) in enumerate(now.items())
        if known.get(content, label) != label
    ]
    if not places:
        return []
    lines = DatasetStore(storage).file(dataset.name, dataset.version, ITEMS).splitlines()
    return [
        ChangedLabel(index=place, file=json.loads(lines[place])["file"], was=was, label=label)
        for place, was, label in places
    ]


def _excluded(storage: Storage, known: dict[bytes, str], dataset: DatasetVersion) -> list[ChangedLabel]:
    try:
        lines = DatasetStore(storage).file(dataset.name, dataset.version, CORRECTED).splitlines()
    except FileNotKept:
        return []
    left_out = [one for one in map(Corrected.model_validate_json, lines) if one.label is None]
    return [
        ChangedLabel(index=None, file=one.file, was=known[content], label=None)
        for one in left_out
        if (content := bytes.fromhex(one.sha256)) in known
    ]
