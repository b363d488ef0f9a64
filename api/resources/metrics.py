"""/metrics: Prometheus text for all processes."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from api.merged_metrics import merge
from api.operation import Media, Operation, documented
from api.process import process_id
from api.services import services
from shared import errors
from shared.heartbeat import processes

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@documented(
    Operation(
        summary="Prometheus metrics of all processes",
        tag="Operation",
        answers={200: [Media("text/plain")]},
        errors=(errors.RedisUnavailable,),
    )
)
def metrics() -> Response:
    """Answers with this process's metrics as they are now and the others' as they last told them."""
    mine = process_id()
    texts = [(state.id, state.metrics) for state in processes(services().redis) if state.id != mine]
    text = merge([(mine, generate_latest(REGISTRY).decode("utf-8")), *texts])
    return Response(text, content_type=CONTENT_TYPE_LATEST)
