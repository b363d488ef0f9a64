"""/healthz and /readyz: for people, supervisors and load balancers."""

from __future__ import annotations

from flask import Blueprint, Response
from redis.exceptions import RedisError

from api.answers import answered
from api.health import readiness, without_redis
from api.operation import Operation, documented
from api.problems import RETRY_AFTER_S, translate
from api.services import services
from shared.errors import RedisUnavailable
from shared.schemas.health import Alive, Readiness

blueprint = Blueprint("health", __name__)

TAG = "Operation"


@blueprint.get("/healthz")
@documented(Operation(summary="The process lives", tag=TAG, answers={200: [Alive]}))
def healthz() -> Response:
    """Answers whatever else is away."""
    return answered(Alive())


@blueprint.get("/readyz")
@documented(
    Operation(
        summary="A picture sent now would be classified",
        tag=TAG,
        description="200 when Redis, storage and a worker for single images with a warmed model are there, else 503.",
        answers={200: [Readiness], 503: [Readiness]},
    )
)
def readyz() -> Response:
    """Says what works and what does not."""
    known = services()
    try:
        found = readiness(known)
    except (RedisError, RedisUnavailable) as error:
        found = without_redis(translate(error).message, known)
    response = answered(found, 200 if found.ready else 503)
    if not found.ready:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
