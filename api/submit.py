"""Accepts classifications: the one way from a valid request to a queued job, for the JSON API and the pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from werkzeug.datastructures import FileStorage

from api import uploads
from api.idempotency import fingerprint, replay
from api.model_choice import Choice, choose_model
from api.queueing import create_job
from api.services import Services
from shared.errors import LoupeError, RedisUnavailable, TooManyItems
from shared.ids import new_id
from shared.jobs.files import folder, input_path
from shared.jobs.model import Idempotency, Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import Created
from shared.schemas.classification import ListItem, Options

# A chunk is what one worker does at a time: large enough that sending it costs little, and of a short list small enough
# that its progress can be seen and its cancel is soon.
CHUNK_ITEMS = 64
LEAST_CHUNK_ITEMS = 8
CHUNKS_OF_A_SHORT_LIST = 8

# Stores what a job needs and returns its items, as units and chunks hold them.
Prepare = Callable[[str], list[Json]]


def submit_url(services: Services, url: str, options: Options, key: str | None = None) -> Created:
    """Accepts one URL: a single job.

    Args:
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        LoupeError: the model cannot be chosen, the queue is full, or the key came with other content.
    """
    content = {"url": url}
    return _submit(services, options, key, content, lambda _: [{"id": None, "url": url}], single=True)


def submit_items(services: Services, items: Sequence[ListItem], options: Options, key: str | None = None) -> Created:
    """Accepts a list of URLs: a list job, even of one item. Otherwise as `submit_url`."""
    check_count(services, len(items))
    content = {"items": [[item.id, item.url] for item in items]}
    return _submit(services, options, key, content, lambda _: _listed(items), single=False)


def submit_uploads(
    services: Services, pictures: Sequence[FileStorage], options: Options, key: str | None = None
) -> Created:
    """Accepts pictures from `uploaded_pictures()`: one is a single job, more are a list. Otherwise as `submit_url`."""
    check_count(services, len(pictures))
    content = {"parts": uploads.describe(pictures)} if key else {}

    def prepare(job_id: str) -> list[Json]:
        # Nothing is stored for a job that cannot be recorded.
        services.redis.ping()
        return uploads.store(services.storage, job_id, pictures)

    return _submit(services, options, key, content, prepare, single=len(pictures) == 1)


def check_count(services: Services, count: int) -> None:
    """Refuses a list that is too long.

    Raises:
        TooManyItems: there are more than LOUPE_MAX_ITEMS.
    """
    most = services.settings.max_items
    if count > most:
        raise TooManyItems(f"At most {most} items are taken at once, received {count}. Send several lists.")


def _submit(
    services: Services, options: Options, key: str | None, content: Json, prepare: Prepare, *, single: bool
) -> Created:
    idempotency = Idempotency(key, fingerprint([content, options.model_dump()])) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    choice = choose_model(services.registry, services.settings, options.model)
    job_id = new_id()
    try:
        created = _create(services, job_id, prepare(job_id), options, choice, idempotency, single=single)
    except RedisUnavailable:
        # The answer may have been lost after the job was made, and then it needs its files.
        raise
    except LoupeError:
        # Anything unforeseen may have come after the job was made, too; files without a job are swept.
        services.storage.delete(folder(job_id))
        raise
    if created.replayed:
        services.storage.delete(folder(job_id))
    return created


def _create(
    services: Services,
    job_id: str,
    items: list[Json],
    options: Options,
    choice: Choice,
    idempotency: Idempotency | None,
    *,
    single: bool,
) -> Created:
    new = NewJob(
        id=job_id,
        kind=Kind.CLASSIFICATION,
        queue=Queue.CLASSIFY if single else Queue.BATCH,
        units=[NewUnit({"item": items[0]})] if single else _chunks(services, job_id, items),
        spec=_spec(options, choice, single=single),
        single=single,
        total=len(items),
        max_failure_rate=None if single else options.max_failure_rate,
        idempotency=idempotency,
    )
    return create_job(services, new)


def _chunks(services: Services, job_id: str, items: list[Json]) -> list[NewUnit]:
    units = []
    size = min(CHUNK_ITEMS, max(LEAST_CHUNK_ITEMS, len(items) // CHUNKS_OF_A_SHORT_LIST))
    for first in range(0, len(items), size):
        chunk = items[first : first + size]
        path = input_path(job_id, first)
        services.storage.write_bytes(path, b"".join(json.dumps(item).encode("ascii") + b"\n" for item in chunk))
        units.append(NewUnit({"input": path, "base": first}, first=first, count=len(chunk)))
    return units


def _spec(options: Options, choice: Choice, *, single: bool) -> Json:
    """A single picture is answered by whatever is served when it runs; a list by one version throughout."""
    version = None if single and not choice.pinned else choice.version
    return {
        "model": {"name": choice.name, "version": version},
        "top_k": options.top_k,
        "threshold": options.threshold,
    }


def _listed(items: Sequence[ListItem]) -> list[Json]:
    return [{"index": index, "id": item.id, "url": item.url} for index, item in enumerate(items)]
