"""/api/v1/jobs/{id}/events: a job's progress as server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from flask import Blueprint, Response
from redis.exceptions import RedisError

from api.operation import Media, Operation, documented
from api.prefer import LOOK_EVERY_S
from api.resources.jobs import MISSING, TAG
from api.services import Services, services
from shared.errors import JobExpired, JobNotFound, RedisUnavailable
from shared.jobs.model import Job
from shared.schemas.job import JobView

blueprint = Blueprint("events", __name__)

# A stream of a key that was revoked breaks off at its next piece, so one comes soon.
KEEP_ALIVE_S = 3.0
# A list's chunks may end many times a second; nobody sees more than this.
AT_MOST_EVERY_S = 0.2
EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "A JobView."},
    },
    "required": ["event", "data"],
}


@blueprint.get("/api/v1/jobs/<job_id>/events")
@documented(
    Operation(
        summary="Follow a job",
        tag=TAG,
        description="Server-sent events: `progress` when something changed, and a last `end`; the data is the job. "
        "A comment comes every few seconds. The stream breaks off when its access key is revoked.",
        answers={200: [Media("text/event-stream", EVENT)]},
        errors=MISSING,
    )
)
def events(job_id: str) -> Response:
    """Streams a job's progress until it has ended."""
    job = services().jobs.get(job_id)
    # Proxies would hold back what comes in small pieces.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(follow(services(), job), mimetype="text/event-stream", headers=headers)


def follow(known: Services, job: Job) -> Iterator[str]:
    """Returns the events of a job, beginning with how it stands now."""
    with known.events.watch(job.id) as watch:
        # Looked at again, now that nothing can be missed.
        latest = _look(known, job)
        sent, sent_at = "", 0.0
        while latest is not None and not known.events.stopping():
            data = _data(latest)
            if latest.status.final:
                yield _event("end", data)
                return
            if data != sent:
                yield _event("progress", data)
                sent, sent_at = data, time.monotonic()
            elif time.monotonic() - sent_at > KEEP_ALIVE_S:
                yield ": still here\n\n"
                sent_at = time.monotonic()
            if watch.wait(LOOK_EVERY_S):
                time.sleep(AT_MOST_EVERY_S)
            latest = _look(known, latest)


def _look(known: Services, last: Job) -> Job | None:
    """Returns the job as it is now; None when it is gone, the last known when Redis is away."""
    try:
        return known.jobs.get(last.id)
    except (JobNotFound, JobExpired):
        return None
    except (RedisError, RedisUnavailable):
        return last


def _data(job: Job) -> str:
    return json.dumps(JobView.of(job).model_dump(mode="json"))


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
