"""A `.keras` file, all of it, before Keras sees it."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path

from shared.errors import ModelRefused
from shared.storage import disk_error
from trainer.model_import.archive import DESCRIPTION, WEIGHTS, check_archive
from trainer.model_import.description import check_description
from trainer.weights_file import check_weights


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
        with zipfile.ZipFile(path) as archive:
            check_description(archive.read(DESCRIPTION))
            with archive.open(WEIGHTS) as packed, unpacked.open("wb") as file:
                shutil.copyfileobj(packed, file)
        return check_weights(unpacked)
    except OSError as error:
        raise disk_error(f"unpacking {path.name!a}", error) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise ModelRefused(
            f"Expected a .keras file that can be unpacked, received one that cannot: {error}."
        ) from error
    finally:
        unpacked.unlink(missing_ok=True)
