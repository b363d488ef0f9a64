"""A dataset's report and manifest with everything filled in, for tests that need one and not an import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from shared.datasets import DatasetManifest, Report
from shared.datasets.manifest import SideCounts
from shared.datasets.report import Size, Sizes, Spread
from shared.registry import FileRecord


def toy_report(**differing: Any) -> Report:
    """Returns the report of 40 pictures of two classes; `differing` are fields of it."""
    spread = Spread(min=32, median=48, max=64)
    fields: dict[str, Any] = {
        "classes": ["cat", "dog"],
        "counts": {"cat": SideCounts(train=16, test=4), "dog": SideCounts(train=16, test=4)},
        "total": 40,
        "train": 32,
        "test": 8,
        "imbalance": 1.0,
        "refused": [],
        "refused_count": 0,
        "refused_codes": {},
        "duplicates": 0,
        "duplicate_files": [],
        "crossed": 0,
        "crossed_files": [],
        "kept_side": 0,
        "sizes": Sizes(
            width=spread,
            height=spread,
            bytes=spread,
            most_common=[Size(width=48, height=32, count=40)],
            formats={"jpeg": 40},
        ),
        "samples": "samples.webp",
        "balance": "balance.png",
        "previous": None,
        "added": 40,
        "removed": 0,
    }
    return Report(**fields | differing)


def toy_dataset(name: str, version: str, report: Report, files: Mapping[str, bytes]) -> DatasetManifest:
    """Returns the manifest of a version with that report."""
    return DatasetManifest(
        name=name,
        version=version,
        content=version.ljust(64, "0"),
        created_at=datetime.now(UTC),
        job_id="019ae000-0000-7000-8000-000000000000",
        source={"type": "directory", "path": f"{name}/train"},
        test_fraction=0.2,
        seed=0,
        classes=report.classes,
        counts=report.counts,
        previous=report.previous,
        files={file: FileRecord(sha256=sha256(data).hexdigest(), bytes=len(data)) for file, data in files.items()},
    )
