"""The model registry: versions in storage, immutable, and a pointer to the one of each model that is served."""

from shared.registry.manifest import ClassMetrics, Dataset, FileRecord, Manifest, Metrics, Sample, SplitMetrics
from shared.registry.registry import Registry
from shared.registry.served import Served

__all__ = [
    "ClassMetrics",
    "Dataset",
    "FileRecord",
    "Manifest",
    "Metrics",
    "Registry",
    "Sample",
    "Served",
    "SplitMetrics",
]
