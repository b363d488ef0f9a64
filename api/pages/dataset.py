"""The page of one dataset: what its import found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from api.dataset_views import version_path
from api.pages import words
from api.pages.correct import corrections_of
from api.pages.importing import source_words
from api.pages.render import page
from api.services import services
from shared.datasets import DatasetManifest, DatasetStore, Report

blueprint = Blueprint("pages_dataset", __name__)
# What is beyond these is in the report's file.
MOST_CLASSES = 100
MOST_REFUSED = 50
MOST_DUPLICATES = 30
MOST_VERSIONS = 10
# What to do about the others depends on the picture; the message of each says it.
CODES_OF_IMPORTS = ("label_conflict", "no_label")


@dataclass(frozen=True)
class ClassBar:
    """A class with its pictures; the widths are in percent of the largest class."""

    label: str
    train: int
    test: int
    train_width: float
    test_width: float


@dataclass(frozen=True)
class VersionLine:
    """A version in the list; `report` says what it added and removed."""

    manifest: DatasetManifest
    report: Report
    shown: bool
    newest: bool

    @property
    def created_at(self) -> float:
        """When it was imported first, in seconds since 1970."""
        return self.manifest.created_at.timestamp()


@blueprint.get("/datasets/<name>")
def dataset_page(name: str) -> Response:
    """Shows a version's report: the newest one's unless `version` says which."""
    store = DatasetStore(services().storage)
    manifest = store.manifest(name, request.args.get("version") or None)
    report = store.report(name, manifest.version)
    newest = store.newest(name)
    versions = _versions(store, manifest, newest.version if newest else "")
    corrections, corrections_count = corrections_of(name)
    return page(
        "dataset.html",
        manifest=manifest,
        report=report,
        reference=name if versions[0].shown else f"{name}@{manifest.version}",
        source=source_words(manifest.source),
        classes=_bars(manifest)[:MOST_CLASSES],
        refused=report.refused[:MOST_REFUSED],
        reasons=sorted(report.refused_codes.items(), key=lambda pair: (-pair[1], pair[0])),
        short=words.SHORT,
        next_step={code: words.NEXT[code] for code in CODES_OF_IMPORTS},
        duplicates=report.duplicate_files[:MOST_DUPLICATES],
        crossed=report.crossed_files[:MOST_DUPLICATES],
        versions=versions,
        corrections=corrections,
        corrections_count=corrections_count,
        api=version_path(name, manifest.version),
    )


def _bars(manifest: DatasetManifest) -> list[ClassBar]:
    """Returns the classes, the largest first."""
    largest = max((counts.total for counts in manifest.counts.values()), default=1) or 1
    bars = [
        ClassBar(
            label,
            counts.train,
            counts.test,
            round(counts.train / largest * 100, 2),
            round(counts.test / largest * 100, 2),
        )
        for label, counts in manifest.counts.items()
    ]
    return sorted(bars, key=lambda bar: (-(bar.train + bar.test), bar.label))


def _versions(store: DatasetStore, shown: DatasetManifest, newest: str) -> Sequence[VersionLine]:
    """Returns the versions that were imported last, the newest first."""
    found = store.readable_versions(shown.name)[::-1]
    # An import can come back to an older version; that one is the newest then.
    found.sort(key=lambda manifest: manifest.version != newest)
    return [
        VersionLine(
            manifest,
            store.report(manifest.name, manifest.version),
            manifest.version == shown.version,
            manifest.version == newest,
        )
        for manifest in found[:MOST_VERSIONS]
    ]
