"""Every picture of a dataset version brought to a model's input once, and kept for all later runs.

The serving function does it (`shared.imaging`), so a model is trained on what it will be asked about. The arrays are
memory-mapped: several runs share one copy, and none of them has to fit in memory.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.parts import part_in, remove_parts
from shared.preprocess_spec import PreprocessSpec
from shared.storage import disk_error
from trainer.datasets.version import DatasetVersion
from trainer.evaluation.pictures import model_input
from trainer.threads import in_order

log = logging.getLogger(__name__)

# Above this the arrays that were used longest ago go; that of the run at hand stays, however large.
CACHE_BYTES = 16 * 2**30
# Another number when what `shared.imaging` makes of a picture changes.
FORMAT = 1
PART_IS_LEFT_AFTER_S = 24 * 3600
# What a thread is handed at once; more than one picture, so that handing over costs little.
CHUNK = 64


def inputs(
    version: DatasetVersion, spec: PreprocessSpec, folder: Path, advanced: Callable[[], None] = lambda: None
) -> NDArray[np.uint8]:
    """Returns all pictures as inputs, uint8 (n, height, width, channels), read-only and memory-mapped.

    Args:
        folder: where the arrays are kept, shared by all runs on this machine.
        advanced: called as pictures get ready, however long they wait for those before them; may raise to stop.

    Raises:
        DatasetNotFound: the dataset was deleted meanwhile.
        StorageFull: the disk is full.
    """
    path = folder / f"{version.name}-{version.version}-{_key(spec)}.npy"
    if not _readable(path):
        _write(path, version, spec, advanced)
    # The time of the last use decides what goes first.
    with suppress(OSError):
        os.utime(path)
    found = _loaded(path)
    _trim(folder, keep=path)
    return found


def _loaded(path: Path) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _readable(path: Path) -> bool:
    """Returns whether the array is there; one that is empty, cut or no array at all is to be written anew."""
    try:
        _loaded(path)
    except FileNotFoundError:
        return False
    except (EOFError, ValueError) as error:
        log.warning("%s is damaged and is written anew: %s", path, error)
        return False
    return True


def _key(spec: PreprocessSpec) -> str:
    # The scale is applied batch by batch, so it does not tell two arrays apart.
    told = spec.model_dump_json(exclude={"scale"})
    return sha256(f"{FORMAT} {told}".encode()).hexdigest()[:12]


def _write(path: Path, version: DatasetVersion, spec: PreprocessSpec, advanced: Callable[[], None]) -> None:
    """Writes the array beside its place and moves it there whole: two runs at once do not disturb each other."""
    part = part_in(path.parent)
    shape = (len(version), spec.height, spec.width, spec.channels)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written and not mapped: a full disk then raises, where it would kill a process that had mapped the file.
        with part.open("wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for picture in _decoded(version, spec, advanced):
                file.write(picture.tobytes())
                advanced()
            # Otherwise a power cut could leave the name with zeros behind it, and zeros are pictures, too.
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise disk_error(f"writing {path.name} to the cache", error) from error
    finally:
        part.unlink(missing_ok=True)


def _decoded(
    version: DatasetVersion, spec: PreprocessSpec, advanced: Callable[[], None]
) -> Iterator[NDArray[np.uint8]]:
    """Yields every picture as an input, uint8 (height, width, channels)."""
    ready = heard = 0

    def decoded(index: int) -> NDArray[np.uint8]:
        nonlocal ready
        picture = model_input(version.picture(index), spec)
        ready += 1
        return picture

    def goes_on() -> None:
        """Says that pictures get ready, though the next one is not: a chunk of large ones takes a minute."""
        nonlocal heard
        if ready != heard:
            heard = ready
            advanced()

    chunks = (range(start, min(start + CHUNK, len(version))) for start in range(0, len(version), CHUNK))
    yield from in_order(chunks, decoded, threads=os.cpu_count() or 1, waits=lambda: None, goes_on=goes_on)


def _trim(folder: Path, keep: Path) -> None:
    """Removes what was used longest ago, until the rest fits. A run that has it mapped goes on undisturbed."""
    remove_parts(folder, PART_IS_LEFT_AFTER_S)
    found = []
    for path in folder.glob("*.npy"):
        with suppress(FileNotFoundError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    room = CACHE_BYTES
    for _, size, path in sorted(found, reverse=True):
        room -= size
        if room < 0 and path != keep:
            path.unlink(missing_ok=True)
