"""Small pictures for the pages, and the end of uploads: what is done once the answer is out."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from shared.errors import StorageUnavailable
from shared.imaging import least_side, thumbnail
from shared.items import ItemInput
from shared.jobs.files import image_path
from shared.storage import Storage
from worker.outcome import Classified
from worker.pipeline import Pipeline

log = logging.getLogger(__name__)

# The longest side in pixels; a large JPEG is halved until it fits, to no less than half of this.
SINGLE_SIDE = 480
LIST_SIDE = 240


class Pictures:
    """Keeps small pictures, or forgets all pictures.

    Args:
        keep: whether anything of a picture stays after it was classified.
    """

    def __init__(self, pipeline: Pipeline, storage: Storage, *, keep: bool) -> None:
        self._pipeline = pipeline
        self._storage = storage
        self._keep = keep

    @property
    def kept(self) -> bool:
        """Whether small pictures are kept at all."""
        return self._keep

    def keep(self, job_id: str, classified: Classified, side: int) -> None:
        """Draws and keeps the small picture of an item whose file is at hand."""
        if not self._keep or classified.picture is None:
            return
        index = classified.item["index"]
        try:
            header = self._pipeline.inspect(classified.picture)
            image = self._pipeline.decode(classified.picture, least_side(header, side), header)
            self._write(job_id, index, thumbnail(image, side, "JPEG"))
        except Exception:
            log.exception("could not draw the small picture of item %d of job %s", index, job_id)

    def keep_drawn(self, job_id: str, drawn: Iterable[Classified]) -> None:
        """Keeps small pictures that are drawn already."""
        for classified in drawn:
            if self._keep and classified.picture is not None:
                self._write(job_id, classified.item["index"], classified.picture)

    def _write(self, job_id: str, index: int, picture: bytes) -> None:
        # Without it the answer still stands, so a failure is only logged.
        try:
            self._storage.write_bytes(image_path(job_id, index), picture)
        except StorageUnavailable as error:
            log.warning("could not keep the small picture of item %d of job %s: %s", index, job_id, error)

    def forget(self, classified: Iterable[ItemInput]) -> None:
        """Removes uploads that are not to be kept. What cannot be removed now is removed with its job."""
        if self._keep:
            return
        for item in classified:
            if item.upload:
                try:
                    self._storage.delete(item.upload)
                except StorageUnavailable as error:
                    log.warning("could not remove an upload: %s", error)
