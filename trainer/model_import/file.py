"""A `.keras` file, all of it, before Keras sees it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from shared.errors import ModelRefused
from shared.storage import disk_error
from shared.zip_files import DAMAGE
from trainer.model_import.archive import DESCRIPTION, WEIGHTS, check_archive
from trainer.model_import.description import check_description
from trainer.weights_file import check_weights

PIECE_BYTES = 1024 * 1024


def check_file(path: Path) -> int:
    """Checks the file at `path`, and returns how many bytes of weights are in it.

    Its weights are unpacked beside it for the time being.

    Raises:
        ModelRefused: there is more in it than a model that only computes.
        StorageUnavailable: the disk takes no more.
    """
    check_archive(path)
    unpacked = path.with_name("weights.h5")
    try:
        check_description(b"".join(_content(path, DESCRIPTION)))
        with unpacked.open("wb") as file:
            file.writelines(_content(path, WEIGHTS))
        return check_weights(unpacked)
    except OSError as error:
        raise disk_error(f"unpacking {path.name!a}", error) from error
    finally:
        unpacked.unlink(missing_ok=True)


def _content(path: Path, name: str) -> Iterator[bytes]:
    """Yields a file of the archive in pieces. An OSError of reading it is the archive's fault, not that of the disk.

    Raises:
        ModelRefused: it cannot be unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as packed:
            while piece := packed.read(PIECE_BYTES):
                yield piece
    except DAMAGE as error:
        raise ModelRefused(
            f"Expected a .keras file that can be unpacked, received one that cannot: {error}."
        ) from error
