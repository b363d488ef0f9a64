"""Datasets as all sides see them: immutable versions in storage, named by their content."""

from shared.datasets.manifest import DatasetManifest, Newest
from shared.datasets.report import Report
from shared.datasets.store import DatasetStore

__all__ = ["DatasetManifest", "DatasetStore", "Newest", "Report"]
