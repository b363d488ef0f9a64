"""What a single job was asked to classify."""

from __future__ import annotations

import json
from typing import Any

from api.services import services
from shared.fetch.urls import redact
from shared.items import ItemInput
from shared.jobs import keys
from shared.jobs.model import Job


def asked_of(job: Job) -> ItemInput:
    """Returns the picture of a single job, from its outcome or, until it has one, from its only unit."""
    if job.result:
        return ItemInput.of(job.result)
    redis: Any = services().redis
    payload = redis.hget(keys.unit(f"{job.id}:0"), "payload")
    item = ItemInput.of(json.loads(payload).get("item") or {}) if payload else ItemInput()
    return ItemInput(filename=item.filename, url=redact(item.url) if item.url else None)
