"""Corrections in the versions that are made after them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from shared.datasets import DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.registry import Registry
from shared.registry.layout import manifest_path
from tests.support.answered import answered_version
from tests.support.imports import Imports, fill
from trainer.child.label_changes import label_changes
from trainer.datasets.version import DatasetVersion, open_version

SOURCE = {"type": "directory", "path": "pets"}


def correct(imports: Imports, place: int, label: str | None) -> str:
    """Corrects a picture of the newest version, and returns its hash."""
    version = imports.version()
    digest: str = version.sha256[place].tobytes().hex()
    was = version.classes[version.labels[place]]
    Corrections(imports.storage, "pets").put(
        Correction(sha256=digest, file=f"{place}.jpg", was=was, label=label, at=datetime.now(UTC))
    )
    return digest


def labels(version: DatasetVersion) -> dict[str, tuple[str, int]]:
    """Returns the class and side of each picture, by its hash."""
    rows = zip(version.sha256, version.labels, version.split, strict=True)
    return {row.tobytes().hex(): (version.classes[label], int(side)) for row, label, side in rows}


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["relabelled"], report["excluded"], report["total"]


def test_every_later_import_has_the_corrections(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    imports.run(SOURCE)
    before = labels(imports.version())
    relabelled, excluded = correct(imports, 0, "dog"), correct(imports, 15, None)
    found = imports.run(SOURCE)
    assert found["created"]
    assert counts(found["report"]) == (1, 1, 19)
    assert {(one["was"], one["label"]) for one in found["report"]["corrected"]} == {("cat", "dog"), ("dog", None)}
    after = labels(imports.version())
    # Only the class of the one changed, and no picture its side.
    assert after[relabelled] == ("dog", before[relabelled][1])
    assert {key: value for key, value in before.items() if key not in (relabelled, excluded)} == {
        key: value for key, value in after.items() if key != relabelled
    }


def test_a_version_is_made_without_its_source_and_made_again_when_it_is_taken_back(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    first = imports.run(SOURCE)["dataset"]["version"]
    (imports.folder / "pets").rename(imports.folder / "gone")
    relabelled, excluded = correct(imports, 0, "dog"), correct(imports, 15, None)
    second = imports.run(SOURCE, corrected_from=first)
    # From remote storage the index and the pack come before a picture is read, and each is waited for by itself; so is
    # each correction, and the index of each earlier version.
    reasons = [said.get("reason", "") for said in imports.said]
    listed, came = reasons.index("listing the source"), reasons.index("")
    assert reasons[listed + 1 : came] == ["fetching the dataset"] * 2
    assert reasons.count("comparing with earlier versions") == 1 + 2 + 1
    manifest = DatasetStore(imports.storage).manifest("pets")
    # A schedule goes on from the source itself.
    assert (manifest.source, manifest.corrected_from, manifest.version) == (SOURCE, first, second["dataset"]["version"])
    assert labels(imports.version())[relabelled][0] == "dog"
    Corrections(imports.storage, "pets").take_back(excluded)
    assert counts(imports.report(SOURCE, corrected_from=first)) == (1, 0, 20)
    Corrections(imports.storage, "pets").take_back(relabelled)
    back = imports.run(SOURCE, corrected_from=first)
    assert (back["created"], back["dataset"]["version"]) == (False, first)


def test_what_an_import_corrected_is_undone_from_the_version_itself(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    imports.run(SOURCE)
    before = labels(imports.version())
    relabelled = correct(imports, 0, "dog")
    second = imports.run(SOURCE)["dataset"]["version"]
    Corrections(imports.storage, "pets").take_back(relabelled)
    imports.run(SOURCE, corrected_from=second)
    assert labels(imports.version()) == before


def test_bare_pixels_stay_the_same_pictures(imports: Imports) -> None:
    rng = np.random.default_rng(1)
    lines = [f"{n % 2}," + ",".join(map(str, rng.integers(0, 256, 16))) for n in range(20)]
    Path(imports.folder, "p.csv").write_text("\n".join(lines))
    source = {"type": "pixels-csv", "path": "p.csv", "width": 4, "height": 4, "names": ["cat", "dog"]}
    first = imports.run(source)["dataset"]["version"]
    before = labels(imports.version())
    relabelled = correct(imports, 0, "dog")
    assert counts(imports.report(source, corrected_from=first)) == (1, 0, 20)
    assert labels(imports.version()) == before | {relabelled: ("dog", before[relabelled][1])}


def test_a_class_that_is_no_more_changes_nothing(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    imports.run(SOURCE)
    correct(imports, 0, "fox")
    found = imports.run(SOURCE)
    assert (found["created"], found["report"]["unknown_classes"], found["report"]["relabelled"]) == (False, 1, 0)


def test_the_next_training_tells_which_labels_changed(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    imports.run(SOURCE)
    registry, store = Registry(imports.storage), DatasetStore(imports.storage)
    assert label_changes(imports.storage, "pets", 1, imports.version()) is None
    answered_version(imports.storage, registry, store.manifest("pets"), 1, lambda _, true: (true, 0.9))
    same = label_changes(imports.storage, "pets", 2, imports.version())
    assert same is not None
    assert (same.version, same.total, same.pictures) == (1, 0, [])
    relabelled = correct(imports, 0, "dog")
    correct(imports, 15, None)
    imports.run(SOURCE)
    found = label_changes(imports.storage, "pets", 2, open_version(imports.storage, "pets"))
    assert found is not None
    assert (found.version, found.relabelled, found.excluded) == (1, 1, 1)
    first, second = found.pictures
    assert (first.was, first.label) == ("cat", "dog")
    assert imports.version().sha256[first.index or 0].tobytes().hex() == relabelled
    assert (second.index, second.was, second.label) == (None, "dog", None)


def test_an_earlier_version_that_cannot_be_read_does_not_end_a_training(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    imports.run(SOURCE)
    registry, dataset = Registry(imports.storage), DatasetStore(imports.storage).manifest("pets")
    for number in (1, 2):
        answered_version(imports.storage, registry, dataset, number, lambda _, true: (true, 0.9))
    imports.storage.write_bytes(manifest_path("pets", 2), b"{broken")
    found = label_changes(imports.storage, "pets", 3, imports.version())
    assert found is not None
    assert found.version == 1
    imports.storage.write_bytes(manifest_path("pets", 1), b"{broken")
    assert label_changes(imports.storage, "pets", 3, imports.version()) is None
