"""`Prefer: wait=N` (RFC 7240): holds an answer until a job has ended, for at most a minute."""

from __future__ import annotations

import re
import time

from flask import Request
from redis.exceptions import RedisError

from api import deadline
from api.events import Watch
from api.services import Services
from shared.errors import LoupeError
from shared.jobs.model import Job

LONGEST_WAIT_S = 60
# Messages can be lost; the record is looked at this often even when none comes.
LOOK_EVERY_S = 1.0

WAIT = re.compile(r'\s*wait\s*=\s*"?([0-9]+)"?\s*(?:;.*)?', re.IGNORECASE | re.ASCII)


def preferred_wait(request: Request) -> int | None:
    """Returns the seconds a client would wait, at most 60; None without such a wish or for one that is not one.

    RFC 7240: of a preference given twice the first counts, and what cannot be understood is ignored.
    """
    for preference in ",".join(request.headers.getlist("Prefer")).split(","):
        if preference.partition("=")[0].strip().lower() == "wait":
            found = WAIT.fullmatch(preference)
            return int(min(float(found[1]), LONGEST_WAIT_S)) if found else None
    return None


def wait_for_end(services: Services, job: Job, seconds: float, watch: Watch) -> Job:
    """Returns the job once it has ended, or as it is when the time is up.

    The job was accepted before: when Redis goes away meanwhile, what was last known of it is the answer.

    Args:
        job: as it was when the watch on it had begun, or later.
    """
    give_up = time.monotonic() + seconds
    while not job.status.final:
        left = give_up - time.monotonic()
        if left <= 0 or services.events.stopping():
            break
        watch.wait(min(left, LOOK_EVERY_S))
        if watch.ended:
            return watch.ended
        deadline.renew()
        try:
            job = services.jobs.get(job.id)
        except (LoupeError, RedisError):
            break
    return job
