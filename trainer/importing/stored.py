"""A version of the dataset itself as a source: its pictures with the classes that they came with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from shared.datasets import DatasetStore
from shared.datasets.layout import CORRECTED, ITEMS
from shared.datasets.report import Corrected
from shared.errors import FileNotKept, NotAnImage
from shared.imaging.opencv import cv2
from shared.storage import Storage
from trainer.datasets.source import Candidate, Content
from trainer.datasets.version import DatasetVersion, open_version


@dataclass(frozen=True)
class Stored:
    """The pictures of a version, in its order."""

    version: DatasetVersion
    files: list[str]
    was: dict[bytes, str]
    ordered: bool = True

    @property
    def classes(self) -> tuple[str, ...]:
        """The version's classes."""
        return tuple(self.version.classes)

    def __len__(self) -> int:
        return len(self.version)

    def __iter__(self) -> Iterator[Candidate]:
        for index, file in enumerate(self.files):
            label = self.version.classes[self.version.labels[index]]
            digest = self.version.sha256[index].tobytes()
            yield Candidate(file, self.was.get(digest, label), partial(self._read, index))

    def _read(self, index: int) -> Content:
        data = self.version.picture(index)
        if sha256(data).digest() == self.version.sha256[index].tobytes():
            return data
        # Bare pixels are kept as PNG and known by the pixels.
        return _pixels(data)


def stored(storage: Storage, name: str, version: str, fetching: Callable[[], None] = lambda: None) -> Stored:
    """Opens a version. Corrections that were in force when it was made are undone: those of now are to be applied.

    Args:
        fetching: called before the index and each pack come from storage; all of them have come when this returns.

    Raises:
        DatasetNotFound, DatasetVersionNotFound: there is no such version.
        VersionCorrupt: its files are damaged.
    """
    opened = open_version(storage, name, version, fetching=fetching)
    opened.fetch()
    store = DatasetStore(storage)
    lines = store.file(name, version, ITEMS).splitlines()
    return Stored(opened, [json.loads(line)["file"] for line in lines], _before(store, name, version))


def _before(store: DatasetStore, name: str, version: str) -> dict[bytes, str]:
    """Returns what the source said of pictures that were given another class."""
    try:
        lines = store.file(name, version, CORRECTED).splitlines()
    except FileNotKept:
        return {}
    found = [Corrected.model_validate_json(line) for line in lines]
    return {bytes.fromhex(one.sha256): one.was for one in found if one.label is not None}


def _pixels(data: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise NotAnImage("The picture's bytes in the dataset are damaged.")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB) if pixels.ndim == 3 else pixels, np.uint8)
