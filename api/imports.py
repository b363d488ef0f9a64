"""Accepts imports: the one way from a valid request to a queued job, for the JSON API and the pages."""

from __future__ import annotations

import shutil

from werkzeug.datastructures import FileStorage, MultiDict

from api import uploads
from api.idempotency import fingerprint, replay
from api.queueing import create_job, create_job_with_files
from api.services import Services
from shared.datasets.paths import check_paths
from shared.errors import FieldError, InvalidRequest
from shared.ids import new_id
from shared.jobs.files import upload_path
from shared.jobs.model import Idempotency, Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import Created
from shared.schemas.dataset import DatasetRequest, ImportOptions

FIELD = "archive"


def submit_import(services: Services, asked: DatasetRequest, key: str | None = None) -> Created:
    """Accepts an import from the import folder, from URLs or of drawn pictures.

    Args:
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        PathNotAllowed: a path is absolute or leads out of the import folder.
        QueueFull, IdempotencyMismatch: as for every job.
    """
    check_paths(services.settings.import_dir, asked.source)
    spec = asked.model_dump(mode="json", exclude_none=True)
    idempotency = Idempotency(key, fingerprint(spec)) if key else None
    return replay(services, idempotency) or create_job(services, import_job(new_id(), spec, idempotency))


def submit_archive(services: Services, options: ImportOptions, archive: FileStorage, key: str | None = None) -> Created:
    """Accepts an uploaded archive, from `uploaded_archive()`. Otherwise as `submit_import`."""
    job_id = new_id()
    source = {"type": "archive", "upload": upload_path(job_id, 0), "filename": uploads.shown_name(archive)}
    content = {"options": options.model_dump(), "parts": uploads.describe([archive], FIELD)} if key else {}
    idempotency = Idempotency(key, fingerprint(content)) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    # Nothing is stored for a job that cannot be recorded.
    services.redis.ping()

    def make() -> NewJob:
        _store(services, archive, source["upload"])
        return import_job(job_id, {**options.model_dump(), "source": source}, idempotency)

    return create_job_with_files(services, job_id, make)


def uploaded_archive(files: MultiDict[str, FileStorage]) -> FileStorage:
    """Returns the archive of a form.

    Raises:
        InvalidRequest: there is none, more than one, or it is none by its first bytes.
    """
    strange = [FieldError(name, f"No file is expected here, only in `{FIELD}`.") for name in files if name != FIELD]
    parts = files.getlist(FIELD)
    if strange or len(parts) != 1:
        wrong = (*strange, FieldError(FIELD, f"One file is expected, received {len(parts)}."))
        raise InvalidRequest(f"One archive is expected, in `{FIELD}`.", wrong if len(parts) != 1 else tuple(strange))
    start = uploads.starts(parts[0])
    if start not in uploads.ZIP_STARTS and start[:2] != uploads.GZIP_START:
        problem = "A .zip or .tar.gz is expected; this begins as neither."
        raise InvalidRequest("The archive cannot be read.", (FieldError(FIELD, problem),))
    return parts[0]


def import_job(job_id: str, spec: Json, idempotency: Idempotency | None) -> NewJob:
    """Returns the job of an import."""
    units = [NewUnit({})]
    return NewJob(job_id, Kind.IMPORT, Queue.TRAIN, units, spec, total=0, idempotency=idempotency)


def _store(services: Services, archive: FileStorage, path: str) -> None:
    archive.stream.seek(0)
    with services.storage.open_write(path) as file:
        shutil.copyfileobj(archive.stream, file, uploads.PIECE_BYTES)
