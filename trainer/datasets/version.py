"""A dataset version opened for reading: its labels and sides as arrays, its pictures from memory-mapped packs."""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.layout import INDEX, file_path, pack_name
from shared.errors import DatasetNotFound
from shared.storage import Storage

TRAIN, TEST = 0, 1


class DatasetVersion:
    """One version. Its pictures are in the order of class and content hash, whatever order they came in.

    Attributes:
        classes: class names; a label is a place in this list.
        labels: each picture's class, int64 (n,).
        split: each picture's side, uint8 (n,): 0 training, 1 test.
        sha256: each picture's content hash, uint8 (n, 32).
    """

    def __init__(
        self, storage: Storage, manifest: DatasetManifest, index: bytes, fetching: Callable[[], None] = lambda: None
    ) -> None:
        self._storage = storage
        self._fetching = fetching
        self.manifest = manifest
        self.name = manifest.name
        self.version = manifest.version
        self.classes = manifest.classes
        with np.load(io.BytesIO(index), allow_pickle=False) as arrays:
            self.labels: NDArray[np.int64] = arrays["label"].astype(np.int64)
            self.split: NDArray[np.uint8] = arrays["split"]
            self.sha256: NDArray[np.uint8] = arrays["sha256"]
            self._pack, self._offset, self._length = (arrays[name] for name in ("pack", "offset", "length"))

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def train(self) -> NDArray[np.int64]:
        """Indices of the training side, validation included, rising."""
        return np.flatnonzero(self.split == TRAIN)

    @cached_property
    def test(self) -> NDArray[np.int64]:
        """Indices of the test side, rising."""
        return np.flatnonzero(self.split == TEST)

    def picture(self, index: int) -> bytes:
        """Returns a picture's file as it was imported. Threads may call this at the same time."""
        start = int(self._offset[index])
        return self._packs[int(self._pack[index])][start : start + int(self._length[index])]

    def fetch(self) -> None:
        """Has all pictures on this machine, as the first `picture` would."""
        _ = self._packs

    @cached_property
    def _packs(self) -> list[mmap.mmap]:
        return [self._mapped(pack_name(number)) for number in range(int(self._pack.max(initial=-1)) + 1)]

    def _mapped(self, file: str) -> mmap.mmap:
        self._fetching()
        try:
            path = self._storage.local_path(file_path(self.name, self.version, file))
            with path.open("rb") as opened:
                return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise DatasetNotFound(f"{self.name}@{self.version} was deleted: {file} is gone.") from None


def open_version(
    storage: Storage, name: str, version: str | None = None, *, fetching: Callable[[], None] = lambda: None
) -> DatasetVersion:
    """Opens a version, the newest when none is named.

    Args:
        fetching: called before anything is read that from remote storage may take a while: the index, and each pack of
            at most 64 MiB, or of one larger picture.

    Raises:
        DatasetNotFound, DatasetVersionNotFound: there is none, or it was deleted.
        VersionCorrupt: the manifest or the index is damaged.
    """
    fetching()
    store = DatasetStore(storage)
    manifest = store.manifest(name, version)
    return DatasetVersion(storage, manifest, store.file(manifest.name, manifest.version, INDEX), fetching)
