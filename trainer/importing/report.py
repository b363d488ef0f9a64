"""Makes the report of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median_low

from shared.datasets import DatasetManifest, Report
from shared.datasets.layout import BALANCE, SAMPLES
from shared.datasets.manifest import SideCounts
from shared.datasets.report import MOST_LISTED, Size, Sizes, Spread
from shared.storage import Storage
from trainer.datasets.version import open_version
from trainer.importing.collect import Collection
from trainer.importing.corrected import Applied
from trainer.importing.picture import Picture

MOST_SIZES = 10


def make_report(
    counts: dict[str, SideCounts],
    pictures: Sequence[Picture],
    collection: Collection,
    kept: int,
    before: tuple[DatasetManifest, int, int] | None,
    applied: Applied,
) -> Report:
    """Returns the report.

    Args:
        kept: how many pictures stay on another side than the one they were given on.
        before: the version before, and how many pictures were added and removed since.
        applied: the corrections.
    """
    train, test = (sum(getattr(side, name) for side in counts.values()) for name in ("train", "test"))
    totals = [sides.total for sides in counts.values()]
    return Report(
        classes=list(counts),
        counts=counts,
        total=train + test,
        train=train,
        test=test,
        imbalance=round(max(totals) / min(totals), 3),
        refused=collection.refused[:MOST_LISTED],
        refused_count=collection.failed,
        refused_codes=dict(collection.refused_codes.most_common()),
        duplicates=collection.duplicate_count,
        duplicate_files=collection.duplicates,
        crossed=collection.crossed_count,
        crossed_files=collection.crossed,
        kept_side=kept,
        relabelled=applied.relabelled,
        excluded=len(applied.corrected) - applied.relabelled,
        corrected=applied.listed,
        unknown_classes=applied.unknown,
        sizes=_sizes(pictures),
        samples=SAMPLES,
        balance=BALANCE,
        previous=before[0].version if before else None,
        added=before[1] if before else len(pictures),
        removed=before[2] if before else 0,
    )


def since(
    storage: Storage, before: DatasetManifest | None, contents: set[bytes]
) -> tuple[DatasetManifest, int, int] | None:
    """Returns the version before with how many of `contents` are new since, and how many of it are gone."""
    if before is None:
        return None
    hashes = open_version(storage, before.name, before.version).sha256
    common = sum(row.tobytes() in contents for row in hashes)
    return before, len(contents) - common, len(hashes) - common


def _sizes(pictures: Sequence[Picture]) -> Sizes:
    common = Counter((picture.width, picture.height) for picture in pictures).most_common(MOST_SIZES)
    return Sizes(
        width=_spread([picture.width for picture in pictures]),
        height=_spread([picture.height for picture in pictures]),
        bytes=_spread([picture.length for picture in pictures]),
        most_common=[Size(width=width, height=height, count=count) for (width, height), count in common],
        formats=dict(Counter(picture.format for picture in pictures).most_common()),
    )


def _spread(numbers: Sequence[int]) -> Spread:
    return Spread(min=min(numbers), median=median_low(numbers), max=max(numbers))
