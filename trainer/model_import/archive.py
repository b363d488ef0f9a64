"""A `.keras` file before Keras sees it: a zip of three known files that does not unpack to more than it may."""

from __future__ import annotations

import zipfile
from pathlib import Path

from shared.errors import ModelRefused
from shared.zip_files import DAMAGE, METHODS

EXPECTED = ("config.json", "metadata.json", "model.weights.h5")
DESCRIPTION, _, WEIGHTS = EXPECTED
# The largest network of keras.applications has 1.4 GB of weights; a description has kilobytes.
MOST_BYTES = {"config.json": 8 * 2**20, "metadata.json": 2**20, "model.weights.h5": 4 * 2**30}
# Keras packs nothing; weights that somebody packs get hardly smaller.
MOST_EXPANSION = 100


def check_archive(path: Path) -> None:
    """Checks the file at `path` by its table of contents.

    Raises:
        ModelRefused: it is no `.keras` file, or has more in it than one has.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except DAMAGE as error:
        raise ModelRefused(
            f"Expected a .keras file, which is a zip archive, received something else ({error}). A model in HDF5 or"
            " SavedModel format is not taken: save it again with model.save('….keras')."
        ) from error
    names = [entry.filename for entry in entries]
    if sorted(names) != sorted(EXPECTED):
        listed = ", ".join(ascii(name[:60]) for name in names[:6]) or "nothing"
        raise ModelRefused(f"Expected a .keras file with {', '.join(EXPECTED)} in it, received one with {listed}.")
    for entry in entries:
        if entry.compress_type not in METHODS:
            raise ModelRefused(
                f"Expected {entry.filename} packed with Deflate or not at all, received it packed in a rare way."
            )
        if entry.file_size > MOST_BYTES[entry.filename]:
            raise ModelRefused(
                f"Expected at most {MOST_BYTES[entry.filename]} bytes in {entry.filename}, received {entry.file_size}."
            )
        if entry.filename == WEIGHTS and entry.file_size > MOST_EXPANSION * max(entry.compress_size, 1):
            raise ModelRefused(f"Expected weights as they are, received {entry.compress_size} bytes that would unpack.")
