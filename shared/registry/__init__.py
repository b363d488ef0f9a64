"""The model registry: versions in storage, immutable, and a pointer to the one of each model that is served."""

from shared.registry.gate import GateCode, GateRule, GateVerdict, Policy
from shared.registry.label_changes import ChangedLabel, LabelChanges
from shared.registry.manifest import Dataset, FileRecord, Manifest, Origin, Sample
from shared.registry.onnx_export import OnnxExport
from shared.registry.registry import Registry
from shared.registry.scores import CalibrationBin, ClassMetrics, Metrics, Mistake, SplitMetrics
from shared.registry.served import Period, Refusal, Served
from shared.registry.shadows import Shadow

__all__ = [
    "CalibrationBin",
    "ChangedLabel",
    "ClassMetrics",
    "Dataset",
    "FileRecord",
    "GateCode",
    "GateRule",
    "GateVerdict",
    "LabelChanges",
    "Manifest",
    "Metrics",
    "Mistake",
    "OnnxExport",
    "Origin",
    "Period",
    "Policy",
    "Refusal",
    "Registry",
    "Sample",
    "Served",
    "Shadow",
    "SplitMetrics",
]
