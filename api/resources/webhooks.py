"""POST /api/v1/jobs/{id}/webhook: tell a job's webhook again."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import answered
from api.bodies import read_optional_json
from api.operation import BODY_ERRORS, Operation, documented
from api.services import services
from api.webhooks import tell_again
from shared import errors
from shared.schemas.job import JobView
from shared.schemas.webhook import TellRequest

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/api/v1/jobs/<job_id>/webhook")
@documented(
    Operation(
        summary="Tell a job's webhook again",
        tag="Jobs",
        description="The end of the job is told once more, now, under the `webhook-id` that it had, and with all tries"
        " before it. Each try shows in the job's `webhook.attempts`.",
        body={"application/json": TellRequest},
        body_required=False,
        answers={202: [JobView]},
        errors=(
            errors.JobNotFound,
            errors.JobExpired,
            errors.JobNotFinished,
            errors.NoWebhook,
            errors.RedisUnavailable,
            *BODY_ERRORS,
        ),
    )
)
def tell(job_id: str) -> Response:
    """Tells it again."""
    read_optional_json(TellRequest)
    return answered(JobView.of(tell_again(services(), job_id)), 202)
