"""The work of a single job's unit: one picture."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from shared import items
from shared.errors import StorageUnavailable
from shared.imaging import thumbnail
from shared.items import ItemInput
from shared.jobs.files import image_path
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome
from shared.storage import Storage
from worker.pipeline import Classified, Pipeline, Request

log = logging.getLogger(__name__)

# The longest side of the small picture on the result page, and what the reduced decoding for it keeps.
THUMBNAIL_SIDE = 480


class SingleWork:
    """Classifies the picture of a claimed unit.

    Args:
        keep_images: whether the small picture and the upload are kept after the picture was classified.
    """

    def __init__(self, pipeline: Pipeline, storage: Storage, *, keep_images: bool) -> None:
        self._pipeline = pipeline
        self._storage = storage
        self._keep_images = keep_images

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Returns how the job ends. The small picture lies in storage before the answer can be seen."""
        item = ItemInput.of(claim.payload["item"])
        classified = self._pipeline.classify(item, Request.of(claim.spec), lease)
        keep_picture(self._pipeline, self._storage, claim.job_id, classified, keep=self._keep_images)
        return items.single_outcome(classified.item)

    def forget(self, claim: Claim) -> None:
        """Removes the upload once the outcome stands, if pictures are not to be kept."""
        if not self._keep_images:
            forget_uploads(self._storage, [ItemInput.of(claim.payload["item"])])


def forget_uploads(storage: Storage, uploaded: Iterable[ItemInput]) -> None:
    """Removes the uploads of items. What cannot be removed now is removed with its job."""
    for item in uploaded:
        if item.upload:
            try:
                storage.delete(item.upload)
            except StorageUnavailable as error:
                log.warning("could not remove an upload: %s", error)


def keep_picture(pipeline: Pipeline, storage: Storage, job_id: str, classified: Classified, *, keep: bool) -> None:
    """Keeps the small picture of an item. Without it the answer still stands, so a failure is only logged."""
    if not keep or classified.picture is None:
        return
    try:
        image = pipeline.decode(classified.picture, THUMBNAIL_SIDE)
        storage.write_bytes(image_path(job_id, classified.item["index"]), thumbnail(image, THUMBNAIL_SIDE))
    except Exception:
        log.exception("could not keep the small picture of item %d of job %s", classified.item["index"], job_id)
