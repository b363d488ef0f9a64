"""Writes a version: packs, index and the rest, and last the manifest that makes it exist."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

import numpy as np

from shared.datasets import DatasetManifest
from shared.datasets.layout import INDEX, ITEMS, MANIFEST, file_path, pack_name
from shared.registry.manifest import FileRecord
from shared.storage import Storage
from trainer.importing.content import SIDE_NAMES, Content
from trainer.importing.picture import Picture

PACK_BYTES = 64 * 1024 * 1024


@dataclass
class Writer:
    """Writes one version's files.

    Attributes:
        advanced: called after each picture; may raise to stop.
        storing: called before a file goes to storage, which may take a while and says nothing.
        files: what was written so far.
    """

    storage: Storage
    name: str
    version: str
    advanced: Callable[[], None]
    storing: Callable[[], None]
    files: dict[str, FileRecord] = field(default_factory=dict)

    def pictures(self, content: Content, read: Callable[[Picture], bytes]) -> None:
        """Writes the packs and the index, which are the same whoever imports this content."""
        places = np.array([picture.length for picture in content.pictures], np.int64)
        packs, offsets = packed(places)
        for number in range(int(packs[-1]) + 1):
            with self._file(pack_name(number)) as file:
                for place in np.flatnonzero(packs == number):
                    file.write(read(content.pictures[place]))
                    self.advanced()
        with self._file(INDEX) as file:
            file.write(_index(content, packs, offsets, places))

    def items(self, content: Content) -> None:
        """Writes the list of items, which names the files they came from."""
        with self._file(ITEMS) as file:
            for line in _items(content):
                file.write(line)

    def add(self, name: str, data: bytes) -> None:
        """Writes one more file."""
        with self._file(name) as file:
            file.write(data)

    def finish(self, manifest: DatasetManifest) -> DatasetManifest:
        """Writes the manifest with the hashes of all files; from then on the version exists."""
        full = DatasetManifest.model_validate({**manifest.model_dump(), "files": self.files})
        self.storage.write_bytes(file_path(self.name, self.version, MANIFEST), full.model_dump_json(indent=1).encode())
        return full

    @contextmanager
    def _file(self, name: str) -> Iterator[_Hashed]:
        with self.storage.open_write(file_path(self.name, self.version, name)) as file:
            hashed = _Hashed(file)
            yield hashed
            self.storing()
        self.files[name] = FileRecord(sha256=hashed.digest.hexdigest(), bytes=hashed.size)


class _Hashed:
    """A file that is hashed as it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.digest.update(data)
        self.size += len(data)


def packed(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pack of each picture, and its place there, so that no pack of several has over `PACK_BYTES`."""
    packs, offsets = np.zeros(len(lengths), np.int32), np.zeros(len(lengths), np.int64)
    pack, size = 0, 0
    for place, length in enumerate(lengths):
        if size and size + length > PACK_BYTES:
            pack, size = pack + 1, 0
        packs[place], offsets[place] = pack, size
        size += int(length)
    return packs, offsets


def _index(content: Content, packs: np.ndarray, offsets: np.ndarray, lengths: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        pack=packs,
        offset=offsets,
        length=lengths,
        label=content.labels,
        split=content.sides,
        sha256=np.frombuffer(b"".join(picture.sha256 for picture in content.pictures), np.uint8).reshape(-1, 32),
    )
    return buffer.getvalue()


def _items(content: Content) -> Iterator[bytes]:
    for picture, side in zip(content.pictures, content.sides, strict=True):
        line = {
            "file": picture.file,
            "label": picture.label,
            "split": SIDE_NAMES[side],
            "format": picture.format,
            "width": picture.width,
            "height": picture.height,
            "bytes": picture.length,
            "sha256": picture.sha256.hex(),
        }
        yield json.dumps(line).encode() + b"\n"
