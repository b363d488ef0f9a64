"""The client of Loupe, which trains image classifiers and serves them.

import loupe

with loupe.Client() as client:
    print(client.classify("https://example.org/cat.jpg").label)
"""

from loupe.client import Client
from loupe.errors import (
    ApiError,
    ConfigurationError,
    Conflict,
    ConnectionFailed,
    FileProblem,
    InvalidRequest,
    ItemFailed,
    LoupeError,
    NotAllowed,
    NotFound,
    StillRunning,
    Unavailable,
    UnexpectedAnswer,
)
from loupe.types import (
    Dataset,
    Item,
    Job,
    Model,
    ModelVersion,
    Prediction,
    Readiness,
    Recipe,
    Schedule,
    Sent,
    Shadow,
    Version,
)

__all__ = [
    "ApiError",
    "Client",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "Dataset",
    "FileProblem",
    "InvalidRequest",
    "Item",
    "ItemFailed",
    "Job",
    "LoupeError",
    "Model",
    "ModelVersion",
    "NotAllowed",
    "NotFound",
    "Prediction",
    "Readiness",
    "Recipe",
    "Schedule",
    "Sent",
    "Shadow",
    "StillRunning",
    "Unavailable",
    "UnexpectedAnswer",
    "Version",
]
