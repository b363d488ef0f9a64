"""What an import wrote down about pictures of a dataset version, out of `items.ndjson`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from shared.datasets import DatasetStore
from shared.datasets.layout import ITEMS
from shared.errors import VersionCorrupt
from shared.jobs.model import Json


def items_of(store: DatasetStore, name: str, version: str, places: Iterable[int]) -> Mapping[int, Json]:
    """Returns the lines of pictures by their places in the version.

    Raises:
        DatasetNotFound, DatasetVersionNotFound: there is no such version.
        VersionCorrupt: the file is damaged, or has no such lines.
    """
    lines = store.file(name, version, ITEMS).split(b"\n")
    try:
        return {place: json.loads(lines[place]) for place in places}
    except (IndexError, ValueError) as error:
        raise VersionCorrupt(f"{name}@{version}: {ITEMS} cannot be read: {error}") from error
