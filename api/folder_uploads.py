"""Takes a folder of pictures batch by batch, each whole or not at all, and makes a dataset's import of it.

What has arrived is in storage alone, so whoever goes on after a lost connection or a killed server asks, and sends what
is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import FileStorage

from api.access.caller import caller, may
from api.folder_batch import sort_out, store
from api.imports import import_job
from api.queueing import create_job
from api.services import Services
from shared.access import Scope
from shared.errors import (
    BodyTooLarge,
    FieldError,
    Forbidden,
    InvalidRequest,
    JobExpired,
    JobNotFound,
    QueueFull,
    TooManyItems,
    UploadIncomplete,
)
from shared.ids import new_id
from shared.jobs.store import Created
from shared.schemas.upload import UploadRequest, UploadView
from shared.uploads import Batch, Upload, Uploads, folder

# Of one batch: a few seconds on a slow line, so that little is sent again when that breaks.
MOST_BATCH_BYTES = 64 * 1024**2
# Of one upload, and how many are under way at a time: what a disk has to have room for.
MOST_BYTES = 20 * 1024**3
MOST_UPLOADS = 50
MOST_SHOWN = 1000


def begin(services: Services, asked: UploadRequest) -> Upload:
    """Begins an upload.

    Raises:
        QueueFull: too many are under way.
        StorageUnavailable: the storage does not answer, or is full.
    """
    uploads = Uploads(services.storage)
    if len(uploads.ids()) >= MOST_UPLOADS:
        raise QueueFull(f"{MOST_UPLOADS} uploads are under way; those that are not finished go after a day.")
    asking = caller()
    options = asked.model_dump(include={"name", "test_fraction", "seed"})
    upload = Upload(id=new_id(), batches=asked.batches, options=options, owner=asking.name if asking else None)
    uploads.begin(upload)
    return upload


def upload_of(services: Services, upload_id: str) -> Upload:
    """Returns an upload of who asks.

    Raises:
        UploadNotFound: there is none.
        Forbidden: it is somebody else's.
    """
    upload = Uploads(services.storage).get(upload_id)
    asking = caller()
    if asking is not None and asking.name != upload.owner and not may(Scope.ADMIN):
        raise Forbidden(f"The upload {upload_id} belongs to {upload.owner}; only a key of scope admin may touch it.")
    return upload


def take(services: Services, upload: Upload, number: int, parts: Sequence[FileStorage], skipped: str) -> Batch:
    """Stores a batch, unless it is there already.

    Args:
        number: from 0.
        skipped: a JSON list of `{"file", "bytes"}`: files that the sender found too large to send.

    Raises:
        InvalidRequest: the upload has no such batch, or `skipped` is no such list.
        BodyTooLarge, TooManyItems: the upload has more than is taken.
        StorageUnavailable: the storage does not answer, or is full.
    """
    if not 0 <= number < upload.batches:
        message = f"Expected a batch from 0 to {upload.batches - 1}, received {number}."
        raise InvalidRequest(message, (FieldError("batch", message),))
    arrived = Uploads(services.storage).arrived(upload.id)
    if number in arrived:
        return arrived[number]
    sorted_out = sort_out(parts, skipped, int(services.settings.max_image_bytes))
    batch = sorted_out.batch(number)
    _check_room(services, [*arrived.values(), batch])
    store(services.storage, folder(upload.id), number, sorted_out)
    return batch


def finish(services: Services, upload: Upload) -> Created:
    """Makes the import of an upload whose batches have all arrived. Asked again, it is the same job.

    Raises:
        UploadIncomplete: some have not; the message names them.
        QueueFull: as for every job.
    """
    try:
        return Created(services.jobs.get(upload.id), replayed=True)
    except (JobNotFound, JobExpired):
        pass
    missing = missing_of(services, upload)
    if missing:
        first = ", ".join(map(str, missing[:10]))
        raise UploadIncomplete(f"{len(missing)} of {upload.batches} batches have not arrived, among them {first}.")
    source = {"type": "upload", "upload": folder(upload.id), "filename": str(upload.options["name"])}
    return create_job(services, import_job(upload.id, {**upload.options, "source": source}, None))


def missing_of(services: Services, upload: Upload) -> list[int]:
    """Returns the numbers of the batches that have not arrived."""
    arrived = Uploads(services.storage).arrived(upload.id)
    return [number for number in range(upload.batches) if number not in arrived]


def upload_view(services: Services, upload: Upload) -> UploadView:
    """Returns how far an upload is."""
    arrived = Uploads(services.storage).arrived(upload.id).values()
    missing = missing_of(services, upload)
    job = services.jobs.there([upload.id])
    return UploadView.of(
        upload,
        files=sum(batch.files for batch in arrived),
        size=sum(batch.bytes for batch in arrived),
        missing=missing[:MOST_SHOWN],
        missing_count=len(missing),
        started=bool(job),
        max_file_bytes=int(services.settings.max_image_bytes),
    )


def _check_room(services: Services, batches: Sequence[Batch]) -> None:
    most = services.settings.max_items
    if sum(batch.files for batch in batches) > most:
        raise TooManyItems(f"An upload has at most {most:,} files. An operator can raise LOUPE_MAX_ITEMS.")
    if sum(batch.bytes for batch in batches) > MOST_BYTES:
        raise BodyTooLarge(f"An upload has at most {MOST_BYTES / 1024**3:g} GiB; put the folder into LOUPE_IMPORT_DIR.")
