"""The pictures of a version, one at a time and without NumPy, for those who show some of them."""

from __future__ import annotations

import ast
import io
import struct
import zipfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shared.datasets.layout import INDEX, file_path, pack_name
from shared.datasets.store import DatasetStore
from shared.errors import NoImage, VersionCorrupt
from shared.storage import Storage
from shared.zip_files import DAMAGE

# Versions whose index is held: 20 bytes a picture, so 1.4 MB for 70,000 of them.
MOST_HELD = 8
HASH_BYTES = 32
# NumPy's names of the types that the index has its places in, and those of the module struct.
TYPES = {"<i4": "i", "<i8": "q"}


@dataclass(frozen=True)
class Places:
    """Where each picture of a version lies: the number of its pack, its offset there and its length in bytes."""

    pack: array[int]
    offset: array[int]
    length: array[int]


def picture(store: DatasetStore, name: str, version: str, index: int) -> bytes:
    """Returns a picture's file as it was imported.

    Args:
        index: its place in the version, from 0.

    Raises:
        DatasetNotFound, DatasetVersionNotFound: there is no such version.
        NoImage: the version has no picture there.
        VersionCorrupt: the index or a pack is missing or damaged.
    """
    manifest = store.manifest(name, version)
    places = _places(store.storage, name, version, manifest.files[INDEX].sha256)
    if not 0 <= index < len(places.pack):
        raise NoImage(f"{name}@{version} has the pictures 0 to {len(places.pack) - 1}; received {index}.")
    path = file_path(name, version, pack_name(places.pack[index]))
    try:
        data = store.storage.read_range(path, places.offset[index], places.length[index])
    except FileNotFoundError:
        raise VersionCorrupt(f"{name}@{version}: {pack_name(places.pack[index])} is missing.") from None
    if len(data) != places.length[index]:
        raise VersionCorrupt(f"{name}@{version}: {pack_name(places.pack[index])} is cut off.")
    return data


@dataclass(frozen=True)
class Hashes:
    """The SHA-256 of the content of each picture of a version, by its place."""

    data: bytes

    def __len__(self) -> int:
        return len(self.data) // HASH_BYTES

    def __getitem__(self, index: int) -> str:
        """Returns the hash as hex digits.

        Raises:
            IndexError: the version has no picture there.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"expected a place from 0 to {len(self) - 1}, received {index}")
        return self.data[index * HASH_BYTES : (index + 1) * HASH_BYTES].hex()


def content_hashes(store: DatasetStore, name: str, version: str) -> Hashes:
    """Returns the hashes by which pictures of different versions are told to be the same.

    Raises:
        DatasetNotFound, DatasetVersionNotFound: there is no such version.
        VersionCorrupt: the index is missing or damaged.
    """
    with _index(store, name, version) as index:
        told, data = _header(index.read("sha256.npy"))
        if told["descr"] != "|u1" or told["shape"][1:] != (HASH_BYTES,) or len(data) != told["shape"][0] * HASH_BYTES:
            raise ValueError(f"the hashes are of the form {told}")
        return Hashes(data)


@lru_cache(maxsize=MOST_HELD)
def _places(storage: Storage, name: str, version: str, _sha256: str) -> Places:
    """Reads an index. Its hash is among the arguments because a deleted version may come again with other packs."""
    with _index(DatasetStore(storage), name, version) as index:
        return Places(*(_column(index.read(f"{column}.npy")) for column in ("pack", "offset", "length")))


@contextmanager
def _index(store: DatasetStore, name: str, version: str) -> Iterator[zipfile.ZipFile]:
    """Opens an index; what is wrong with it is said as every damage is."""
    data = store.file(name, version, INDEX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as index:
            yield index
    except (*DAMAGE, KeyError, SyntaxError) as error:
        raise VersionCorrupt(f"{name}@{version}: {INDEX} cannot be read: {error}") from error


def _column(data: bytes) -> array[int]:
    """Returns a row of whole numbers."""
    told, content = _header(data)
    kind, (count,) = TYPES[told["descr"]], told["shape"]
    return array("q", struct.unpack_from(f"<{count}{kind}", content))


def _header(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Divides NumPy's own format, version 1.0, into what it tells and the values; `numpy.lib.format` describes it."""
    start = 10 + int(struct.unpack_from("<H", data, 8)[0])
    return ast.literal_eval(data[10:start].decode("latin-1")), data[start:]
