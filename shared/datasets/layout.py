"""Where datasets lie in storage: the only place that makes their paths."""

from __future__ import annotations

import re

from shared.errors import DatasetNotFound, DatasetVersionNotFound
from shared.schemas.base import NAME_PATTERN, NAME_WORDS

ROOT = "datasets"
MANIFEST = "manifest.json"
INDEX = "index.npz"
ITEMS = "items.ndjson"
REPORT = "report.json"
# All that was refused, with its reason; and which pictures have another class than their source says, or were left out
# by hand. A version without any has no such file.
REFUSED = "refused.ndjson"
CORRECTED = "corrected.ndjson"
SAMPLES = "samples.webp"
BALANCE = "balance.png"
# The first digits of the SHA-256 of a version's content.
VERSION_PATTERN = r"^[0-9a-f]{12}$"


def dataset_path(name: str) -> str:
    """Returns the folder of a dataset.

    Raises:
        DatasetNotFound: no dataset can have that name, so no path is made of it.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise DatasetNotFound(f"No dataset can be named {name[:100]!r}: a name has {NAME_WORDS}.")
    return f"{ROOT}/{name}"


def newest_path(name: str) -> str:
    """Returns the path of the pointer to the version that was imported last."""
    return f"{dataset_path(name)}/newest.json"


def version_path(name: str, version: str) -> str:
    """Returns the folder of a version.

    Raises:
        DatasetVersionNotFound: no version can be called that.
    """
    folder = dataset_path(name)
    if not re.fullmatch(VERSION_PATTERN, version):
        raise DatasetVersionNotFound(
            f"The dataset {name!r} has no version {version[:100]!r}: a version is 12 hex digits."
        )
    return f"{folder}/{version}"


def file_path(name: str, version: str, file: str) -> str:
    """Returns the path of one file of a version."""
    return f"{version_path(name, version)}/{file}"


def pack_name(number: int) -> str:
    """Returns the name of the pack with this number: `pack-000.bin`, the bytes of many pictures one after the other."""
    return f"pack-{number:03d}.bin"


def is_pack(file: str) -> bool:
    """Says whether a file holds pictures."""
    return re.fullmatch(r"pack-[0-9]{3,}\.bin", file) is not None
