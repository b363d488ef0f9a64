"""Accepts trainings: the one way from a valid request to a queued job, for the JSON API and the pages."""

from __future__ import annotations

from api.idempotency import fingerprint, replay
from api.queueing import create_job
from api.services import Services
from shared.datasets import DatasetStore
from shared.ids import new_id
from shared.jobs.model import Idempotency
from shared.jobs.store import Created
from shared.schemas.training import TrainingRequest
from shared.trainings import training_job


def submit_training(services: Services, asked: TrainingRequest, key: str | None = None) -> Created:
    """Accepts a training.

    Args:
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        QueueFull, IdempotencyMismatch: as for every job.
        WebhookNotAllowed: its webhook cannot be told.
        LoupeError: what else is wrong with the request; see `training_job`.
    """
    idempotency = Idempotency(key, fingerprint(asked.model_dump(mode="json"))) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    services.check_webhook(asked.webhook)
    datasets = DatasetStore(services.storage)
    new = training_job(services.settings, datasets, asked, job_id=new_id(), idempotency=idempotency)
    return create_job(services, new)
