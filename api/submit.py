"""Accepts classifications: the one way from a valid request to a queued job, for the JSON API and the pages."""

from __future__ import annotations

from collections.abc import Sequence

from api.access.caller import caller
from api.idempotency import fingerprint, replay
from api.intake.rows import too_many
from api.intake.source import Source
from api.model_choice import Choice, answering, choose_model
from api.queueing import create_job_with_files
from api.services import Services
from shared.heartbeat import processes
from shared.ids import new_id
from shared.jobs.model import Idempotency, Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import Created
from shared.schemas.classification import Options


def submit(services: Services, source: Source, options: Options, key: str | None = None) -> Created:
    """Accepts a classification.

    Args:
        source: what is to be classified; what can be wrong with its items was checked when it was read.
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        LoupeError: the model cannot be chosen, the queue is full, the access key's quota is spent, or the
            Idempotency-Key came with other content.
    """
    if source.total > services.settings.max_items:
        raise too_many(services.settings.max_items)
    content = [source.content(), options.model_dump()] if key else []
    idempotency = Idempotency(key, fingerprint(content)) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    services.check_webhook(options.webhook)
    if source.single:
        choice = services.recent_choices.choose(options.model)
    else:
        choice = choose_model(services.registry, services.settings, options.model)
        choice = answering(services.registry, processes(services.redis), choice)
    if source.stores:
        # Nothing is stored for a job that cannot be recorded; the limit is looked at again when it is.
        services.jobs.check_room(source.distinct)
    asking = caller()
    if asking is not None:
        services.limits.spend(asking.key, source.total)

    def give_back() -> None:
        if asking is not None:
            services.limits.give_back(asking.key, source.total)

    job_id = new_id()

    def make() -> NewJob:
        units = source.store(services.storage, job_id)
        return _new_job(job_id, source, units, options, choice, idempotency)

    return create_job_with_files(services, job_id, make, give_back)


def _new_job(
    job_id: str,
    source: Source,
    units: Sequence[NewUnit],
    options: Options,
    choice: Choice,
    idempotency: Idempotency | None,
) -> NewJob:
    return NewJob(
        id=job_id,
        kind=Kind.CLASSIFICATION,
        queue=Queue.CLASSIFY if source.single else Queue.BATCH,
        units=units,
        spec=_spec(source, options, choice),
        single=source.single,
        total=source.total,
        max_failure_rate=None if source.single else options.max_failure_rate,
        idempotency=idempotency,
    )


def _spec(source: Source, options: Options, choice: Choice) -> Json:
    """A single picture is answered by whatever is served when it runs; a list by one version throughout."""
    version = None if source.single and not choice.pinned else choice.version
    spec: Json = {
        "model": {"name": choice.name, "version": version},
        "top_k": options.top_k,
        "threshold": options.threshold,
    }
    if options.webhook:
        spec["webhook"] = options.webhook.url
    if not source.single:
        # What a retry asks again, and where the results have repeats to put in.
        spec |= {
            "pinned": choice.pinned,
            "max_failure_rate": options.max_failure_rate,
            "repeats": source.repeats,
        }
    return spec
