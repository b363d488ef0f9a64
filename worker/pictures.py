"""Small pictures for the pages, and the end of uploads: what is done once the answer is out."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from shared.errors import StorageUnavailable
from shared.items import ItemInput
from shared.jobs.files import image_path, single_image_path
from shared.storage import Storage
from worker.decoder import LEAST_SIDE, Decoder
from worker.outcome import Classified

log = logging.getLogger(__name__)

# The longest side in pixels, and the least that a picture of that size or more is drawn with.
SINGLE_SIDE, FINE_SIDE = 480, 240
LIST_SIDE = 240


class Pictures:
    """Keeps small pictures, or forgets all pictures.

    Args:
        keep: whether anything of a picture stays after it was classified.
    """

    def __init__(self, decoder: Decoder, storage: Storage, *, keep: bool) -> None:
        self._decoder = decoder
        self._storage = storage
        self._keep = keep

    @property
    def kept(self) -> bool:
        """Whether small pictures are kept at all."""
        return self._keep

    def keep(self, job_id: str, classified: Classified, *, fine: bool) -> None:
        """Draws and keeps the small picture of a single item.

        Args:
            fine: to decode it again if the model saw less than a person likes to see, which doubles its work.
        """
        if not self._keep or classified.seen is None:
            return
        least = FINE_SIDE if fine else LEAST_SIDE
        try:
            small = self._decoder.small(classified.seen, SINGLE_SIDE, least)
        except Exception:
            log.exception("could not draw the small picture of job %s", job_id)
            return
        self._write(single_image_path(job_id), small)

    def keep_drawn(self, job_id: str, drawn: Iterable[Classified]) -> None:
        """Keeps small pictures that are drawn already."""
        for classified in drawn:
            if self._keep and classified.small is not None:
                self._write(image_path(job_id, classified.item["index"]), classified.small)

    def _write(self, path: str, picture: bytes) -> None:
        # Without it the answer still stands, so a failure is only logged.
        try:
            self._storage.write_bytes(path, picture)
        except StorageUnavailable as error:
            log.warning("could not keep the small picture %s: %s", path, error)

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
