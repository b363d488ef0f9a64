"""Queues the first training on an empty registry, so that a new user sees one run and has a model to ask."""

from __future__ import annotations

import logging
from typing import Any

from redis import Redis

from shared import ids
from shared.errors import JobExpired, JobNotFound
from shared.jobs import keys
from shared.jobs.model import Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import JobStore
from shared.registry import Registry

log = logging.getLogger(__name__)

# The id of the first training, set before its job is made: a scheduler that dies in between makes the same job.
MARK = keys.PREFIX + "bootstrapped"

# What somebody would ask for who trained the built-in shapes by hand.
FIRST_TRAINING: Json = {
    "dataset": {"name": "shapes", "source": {"type": "generated", "name": "shapes", "count": 2000}},
    "recipe": "shapes",
    "model": {"name": "shapes"},
    "params": {},
    "seed": 0,
}


class Bootstrap:
    """Looks at the registry once, when this scheduler first leads."""

    def __init__(self, redis: Redis, jobs: JobStore, registry: Registry) -> None:
        self._redis: Any = redis
        self._jobs = jobs
        self._registry = registry
        self._looked = False

    def round(self) -> None:
        """Queues the training if nothing was ever trained here."""
        if self._looked:
            return
        if not self._registry.names():
            self._train()
        self._looked = True

    def _train(self) -> None:
        self._redis.set(MARK, ids.new_id(), nx=True)
        job_id = str(self._redis.get(MARK))
        try:
            self._jobs.get(job_id)
        except JobNotFound:
            log.info("the registry is empty: training the built-in shapes")
            unit = NewUnit({})
            self._jobs.create(NewJob(job_id, Kind.TRAINING, Queue.TRAIN, [unit], FIRST_TRAINING, total=0))
        except JobExpired:
            log.warning("the first training ended without a model long ago; it is not begun again")
