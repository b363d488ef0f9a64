"""`Idempotency-Key`: a request sent again is answered with the job of the first one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import request

from api.access.caller import caller
from api.services import Services
from shared.errors import FieldError, IdempotencyMismatch, InvalidRequest, JobExpired, JobNotFound
from shared.jobs import keys
from shared.jobs.model import Idempotency
from shared.jobs.store import Created

LONGEST_KEY = 255
# Without access keys all requests come from the same nobody; no key has this name.
NOBODY = "-"
# The hidden field of a form that makes work, another one each time the form is drawn.
ONCE = "once"


def idempotency_key() -> str | None:
    """Returns where this request's Idempotency-Key is kept in Redis, None when it has none.

    Raises:
        InvalidRequest: the key is empty or longer than 255 characters.
    """
    value = request.headers.get("Idempotency-Key")
    if value is None:
        return None
    if not 0 < len(value) <= LONGEST_KEY:
        raise InvalidRequest(
            "The Idempotency-Key cannot be used.",
            (FieldError("Idempotency-Key", f"1 to {LONGEST_KEY} characters are expected, received {len(value)}."),),
        )
    return _kept(value)


def form_key() -> str | None:
    """Returns the like of a page's form with the field `ONCE`: a double click sends it twice and means one job.

    What else is in the form is part of it: sent again with something changed, it is another request.
    """
    return _kept(sorted(request.form.items(multi=True))) if ONCE in request.form else None


def _kept(value: Any) -> str:
    asking = caller()
    scope = json.dumps([asking.name if asking else NOBODY, request.path, value])
    return f"{keys.PREFIX}idempotency:{hashlib.sha256(scope.encode()).hexdigest()}"


def fingerprint(content: Any) -> str:
    """Returns the SHA-256 of a request's parsed content, as hex digits; spelling and order of keys do not count."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()


def replay(services: Services, idempotency: Idempotency | None) -> Created | None:
    """Returns the job that an earlier request with the same key made, None when this is the first.

    Raises:
        IdempotencyMismatch: the key came before with other content.
    """
    if idempotency is None:
        return None
    known, job_id = services.redis.hmget(idempotency.key, ["fingerprint", "job"])
    if known is None:
        return None
    try:
        job = services.jobs.get(str(job_id))
    except (JobNotFound, JobExpired):
        # The key of a job that was deleted or has expired is as good as new.
        return None
    if known != idempotency.fingerprint:
        raise IdempotencyMismatch(
            "This Idempotency-Key came before with other content. Send a new key for a new request."
        )
    return Created(job, replayed=True)
