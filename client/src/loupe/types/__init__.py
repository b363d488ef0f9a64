"""What the server answers, typed."""

from loupe.types.base import Answer, Json, ModelVersion, Reason
from loupe.types.health import Part, Readiness
from loupe.types.jobs import Item, Job, Prediction
from loupe.types.named import Dataset, Model, Recipe, Schedule, Shadow, Version
from loupe.types.uploads import Sent, Upload

__all__ = [
    "Answer",
    "Dataset",
    "Item",
    "Job",
    "Json",
    "Model",
    "ModelVersion",
    "Part",
    "Prediction",
    "Readiness",
    "Reason",
    "Recipe",
    "Schedule",
    "Sent",
    "Shadow",
    "Upload",
    "Version",
]
