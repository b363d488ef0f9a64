"""Tries the failed items of a classification again, in a job of their own."""

from __future__ import annotations

import shutil

from api.access.caller import may
from api.access.owner import owns
from api.intake.chunk_writer import ChunkWriter
from api.intake.rows import Rows
from api.intake.source import OneUrl, UrlList
from api.results import count_failed, failed_inputs
from api.services import Services
from api.submit import submit
from api.uploads import PIECE_BYTES
from shared.access import Scope
from shared.errors import JobNotFinished, NothingToRetry, WrongKind
from shared.items import ItemInput
from shared.jobs.files import upload_path
from shared.jobs.model import Job, Json, Kind, NewUnit
from shared.jobs.store import Created
from shared.schemas.classification import Options
from shared.schemas.webhook import WebhookRequest
from shared.storage import Storage


def retry(services: Services, job: Job, key: str | None = None) -> Created:
    """Makes a new job of the failed items of one that has ended, with their ids, asked as it was.

    Args:
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        WrongKind: the job is no classification.
        JobNotFinished: it has not ended.
        NothingToRetry: nothing of it failed.
        ResultsDamaged: its files are missing or broken.
        LoupeError: as for `submit`.
    """
    if job.kind is not Kind.CLASSIFICATION:
        raise WrongKind(f"Job {job.id} is of kind {job.kind}, and only a classification can be retried.")
    if not job.status.final:
        raise JobNotFinished(f"Job {job.id} has not ended yet. Cancel it first, or wait for its end.")
    first = next(failed_inputs(services, job), None)
    if first is None:
        raise NothingToRetry(f"Job {job.id} has {job.progress['done']} items with an outcome, and none of them failed.")
    options = _options(job)
    if first.upload is not None:
        return submit(services, Copies(services, job), options, key)
    if job.single:
        return submit(services, OneUrl(first.url or ""), options, key)
    with Rows(services.settings.max_items) as rows:
        for item in failed_inputs(services, job):
            rows.add(rows.count(), item.id, item.url or "")
        return submit(services, UrlList(rows), options, key)


class Copies:
    """Copies of a job's failed uploads: that job's own may go while the new one runs."""

    stores = True
    repeats = 0

    def __init__(self, services: Services, job: Job) -> None:
        self._services = services
        self._job = job
        self.single = job.single
        self.total = self.distinct = count_failed(services, job)

    def content(self) -> Json:
        """The job whose uploads they are."""
        return {"retry": self._job.id}

    def store(self, storage: Storage, job_id: str) -> list[NewUnit]:
        """Copies the uploads. One that is gone is its item's outcome again, `upload_missing`."""
        failed = failed_inputs(self._services, self._job)
        copies = (_copy(storage, job_id, index, item) for index, item in enumerate(failed))
        if self.single:
            return [NewUnit({"item": next(copies)})]
        writer = ChunkWriter(storage, job_id, self.total)
        for item in copies:
            writer.add_item(item)
        return writer.units()


def _copy(storage: Storage, job_id: str, index: int, item: ItemInput) -> Json:
    path = upload_path(job_id, index)
    try:
        with storage.open_read(item.upload or "") as source, storage.open_write(path) as target:
            shutil.copyfileobj(source, target, PIECE_BYTES)
    except FileNotFoundError:
        # It is forgotten when LOUPE_KEEP_IMAGES is 0; the worker says so of the item.
        pass
    return {"index": index, "id": item.id, "url": None, "filename": item.filename, "upload": path}


def _options(job: Job) -> Options:
    """Returns what the job was asked with: a version if one was named, else whatever is served now.

    Its webhook, with the password in it, is its owner's: nobody else's job is told there.
    """
    told = "webhook" in job.spec and (owns(job) or may(Scope.ADMIN))
    model = job.spec["model"]
    pinned = model["version"] is not None if job.single else job.spec["pinned"]
    return Options(
        model=f"{model['name']}@{model['version']}" if pinned else model["name"],
        top_k=job.spec["top_k"],
        threshold=job.spec["threshold"],
        max_failure_rate=job.spec.get("max_failure_rate"),
        webhook=WebhookRequest(url=job.spec["webhook"]) if told else None,
    )
