"""POST /api/v1/trainings: a dataset and a recipe in, a job out."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import accepted
from api.bodies import read_json
from api.idempotency import idempotency_key
from api.operation import BODY_ERRORS, JOB_ERRORS, JOB_HEADERS, Operation, documented
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
            errors.DatasetNotFound,
            errors.DatasetVersionNotFound,
            errors.VersionCorrupt,
            errors.WebhookNotAllowed,
            errors.PathNotAllowed,
            *BODY_ERRORS,
            *JOB_ERRORS,
        ),
        headers=JOB_HEADERS,
    )
)
def create() -> Response:
    """Accepts a training."""
    known = services()
    return accepted(submit_training(known, read_json(TrainingRequest), idempotency_key()))
