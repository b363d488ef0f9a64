"""Archives of pictures, good ones and such as nobody should unpack."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping

from tests.support.imports import picture

UPLOAD = "jobs/019ae000-0000-7000-8000-000000000000/uploads/0"
PETS = {f"{label}/{n}.jpg": picture(2 * n + place) for place, label in enumerate(("cat", "dog")) for n in range(4)}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Returns a .zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            # A time of its own, or the same files would make other bytes two seconds later.
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def listed_otherwise(data: bytes, field: str, change: int) -> bytes:
    """Returns an archive whose list has another packed size or place for its last file."""
    changed = bytearray(data)
    at = changed.rindex(b"PK\x01\x02") + {"packed": 20, "place": 42}[field]
    struct.pack_into("<L", changed, at, struct.unpack_from("<L", changed, at)[0] + change)
    return bytes(changed)


def tarred(files: Mapping[str, bytes], *special: tarfile.TarInfo) -> bytes:
    """Returns a .tar.gz; names that end with a slash are folders, and `special` has neither content nor rules."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.size = len(data)
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(info, io.BytesIO(data))
        for info in special:
            archive.addfile(info)
    return buffer.getvalue()


def tar_link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    """Returns a link, or another member without content."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info
