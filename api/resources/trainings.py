"""POST /api/v1/trainings: a dataset and a recipe in, a job out."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import accepted
from api.bodies import read_json
from api.idempotency import idempotency_key
from api.operation import Operation, documented
from api.services import services
from api.train import submit_training
from shared import errors
from shared.schemas.job import JobView
from shared.schemas.training import TrainingRequest

blueprint = Blueprint("trainings", __name__)


@blueprint.post("/api/v1/trainings")
@documented(
    Operation(
        summary="Train a model",
        tag="Training",
        description="The dataset is pinned to a version now. The job's result is a new version of the model, and"
        " whether it is served.",
        body={"application/json": TrainingRequest},
        answers={200: [JobView], 202: [JobView]},
        errors=(
            errors.BadJson,
            errors.DatasetNotFound,
            errors.DatasetVersionNotFound,
            errors.VersionCorrupt,
            errors.BodyTooLarge,
            errors.UnsupportedMediaType,
            errors.InvalidRequest,
            errors.WebhookNotAllowed,
            errors.PathNotAllowed,
            errors.IdempotencyMismatch,
            errors.QueueFull,
            errors.RedisUnavailable,
            errors.StorageUnavailable,
        ),
        headers={
            "Prefer": "`wait=N` holds the answer for up to N seconds, at most 60, until the job has ended.",
            "Idempotency-Key": "The same request with the same key within 24 h is answered with the first one's job.",
        },
    )
)
def create() -> Response:
    """Accepts a training."""
    known = services()
    return accepted(submit_training(known, read_json(TrainingRequest), idempotency_key()))
