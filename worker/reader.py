"""The bytes of a picture, from its address or from storage."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import TooLarge, UploadMissing
from shared.fetch.fetcher import Fetcher
from shared.items import ItemInput
from shared.jobs.lease import Lease
from shared.storage import ANSWER_S, Storage

# A storage that does not answer gives up by itself within this.
STORAGE_S = ANSWER_S + 20.0
# What a fetch may take beyond its deadline to notice it.
GRACE_S = 2.0

# Called with the name of a host that a connection is about to be waited for.
OnBusy = Callable[[str], None]


class Reader:
    """Reads pictures for all threads of a process.

    Args:
        max_bytes: most bytes a picture may have.
    """

    def __init__(self, storage: Storage, fetcher: Fetcher, max_bytes: int) -> None:
        self._storage = storage
        self._fetcher = fetcher
        self._max_bytes = max_bytes

    def read(self, item: ItemInput, lease: Lease, on_busy: OnBusy, on_answer: Callable[[], None]) -> bytes:
        """Returns a picture's file, and holds the lease meanwhile.

        Args:
            on_busy: called with the host that a connection is about to be waited for; what it raises ends the fetch.
            on_answer: called when the picture begins to come from its host; may wait.

        Raises:
            ItemError: it cannot be had.
            LeaseLost, JobCanceled, GivenBack: the work is to stop.
            StorageUnavailable: an upload cannot be read for now.
        """
        if item.upload is not None:
            return self._upload(item.upload, lease)
        # The fetcher ends by itself, whatever the host does; work that is to stop ends it sooner.
        with lease.idling(self._fetcher.patience_s + GRACE_S):
            return self._fetcher.get(
                item.url or "",
                max_bytes=self._max_bytes,
                on_progress=lease.check,
                on_wait=lease.check_turn,
                on_busy=on_busy,
                on_answer=on_answer,
            ).data

    def _upload(self, path: str, lease: Lease) -> bytes:
        try:
            with lease.idling(STORAGE_S), self._storage.open_read(path) as file:
                data = file.read(self._max_bytes + 1)
        except FileNotFoundError:
            raise UploadMissing("The uploaded picture is no longer in storage. Upload it again.") from None
        if len(data) > self._max_bytes:
            raise TooLarge(f"The picture has more than {self._max_bytes:,} bytes. Send a smaller one.")
        return data
