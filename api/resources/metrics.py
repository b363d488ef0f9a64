"""/metrics: Prometheus text for all processes."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from api.load_metrics import load_families
from api.merged_metrics import merge
from api.operation import Media, Operation, documented
from api.process import process_id
from api.services import services
from shared import errors
from shared.heartbeat import processes
from shared.jobs.load import read_load

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
    """Answers with this process's metrics and the queues' as they are now, the others' as they last told them."""
    mine = process_id()
    redis = services().redis
    states = processes(redis)
    texts = [(state.id, state.metrics) for state in states if state.id != mine]
    load = load_families(read_load(redis), (state.role for state in states))
    text = merge([(mine, generate_latest(REGISTRY).decode("utf-8")), *texts], load)
    return Response(text, content_type=CONTENT_TYPE_LATEST)
