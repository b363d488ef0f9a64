"""The pictures of a version, one at a time and without NumPy, for those who show some of them."""

from __future__ import annotations

import ast
import io
import struct
import zipfile
from array import array
from dataclasses import dataclass
from functools import lru_cache

from shared.datasets.layout import INDEX, file_path, pack_name
from shared.datasets.store import DatasetStore
from shared.errors import NoImage, VersionCorrupt
from shared.storage import Storage

# Versions whose index is held: 20 bytes a picture, so 1.4 MB for 70,000 of them.
MOST_HELD = 8
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


@lru_cache(maxsize=MOST_HELD)
def _places(storage: Storage, name: str, version: str, _sha256: str) -> Places:
    """Reads an index. Its hash is among the arguments because a deleted version may come again with other packs."""
    data = DatasetStore(storage).file(name, version, INDEX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as index:
            return Places(*(_column(index.read(f"{column}.npy")) for column in ("pack", "offset", "length")))
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, struct.error) as error:
        raise VersionCorrupt(f"{name}@{version}: {INDEX} cannot be read: {error}") from error


def _column(data: bytes) -> array[int]:
    """Returns a row of whole numbers in NumPy's own format, version 1.0, which its `numpy.lib.format` describes."""
    start = 10 + int(struct.unpack_from("<H", data, 8)[0])
    told = ast.literal_eval(data[10:start].decode("latin-1"))
    kind, (count,) = TYPES[told["descr"]], told["shape"]
    return array("q", struct.unpack_from(f"<{count}{kind}", data, start))
