"""Every picture of a dataset version brought to a model's input once, and kept for all later runs.

The serving function does it (`shared.imaging`), so a model is trained on what it will be asked about. The arrays are
memory-mapped: several runs share one copy, and none of them has to fit in memory.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.imaging import decode, to_input
from shared.preprocess_spec import PreprocessSpec
from shared.storage import disk_error
from trainer.datasets.version import DatasetVersion

# Above this the arrays that were used longest ago go; that of the run at hand stays, however large.
CACHE_BYTES = 16 * 2**30
# Another number when what `shared.imaging` makes of a picture changes.
FORMAT = 1
PART_IS_LEFT_AFTER_S = 24 * 3600
# What a thread decodes at once; more than one picture, so that handing over costs little.
CHUNK = 64
# The import judged the pictures by LOUPE_MAX_IMAGE_PIXELS; here they are as they were taken then.
NO_LIMIT = 2**31


def inputs(
    version: DatasetVersion, spec: PreprocessSpec, folder: Path, advanced: Callable[[int], None] = lambda _: None
) -> NDArray[np.uint8]:
    """Returns all pictures as inputs, uint8 (n, height, width, channels), read-only and memory-mapped.

    Args:
        folder: where the arrays are kept, shared by all runs on this machine.
        advanced: called with how many pictures are ready; may raise to stop.

    Raises:
        DatasetNotFound: the dataset was deleted meanwhile.
        StorageFull: the disk is full.
    """
    path = folder / f"{version.name}-{version.version}-{_key(spec)}.npy"
    if not path.exists():
        _write(path, version, spec, advanced)
    # The time of the last use decides what goes first.
    with suppress(OSError):
        os.utime(path)
    found: NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
    _trim(folder, keep=path)
    return found


def _key(spec: PreprocessSpec) -> str:
    # The scale is applied batch by batch, so it does not tell two arrays apart.
    told = spec.model_dump_json(exclude={"scale"})
    return sha256(f"{FORMAT} {told}".encode()).hexdigest()[:12]


def _write(path: Path, version: DatasetVersion, spec: PreprocessSpec, advanced: Callable[[int], None]) -> None:
    """Writes the array beside its place and moves it there whole: two runs at once do not disturb each other."""
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    shape = (len(version), spec.height, spec.width, spec.channels)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written and not mapped: a full disk then raises, where it would kill a process that had mapped the file.
        with part.open("wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for done, chunk in _decoded(version, spec):
                file.write(chunk.tobytes())
                advanced(done)
        part.replace(path)
    except OSError as error:
        raise disk_error(f"writing {path.name} to the cache", error) from error
    finally:
        part.unlink(missing_ok=True)


def _decoded(version: DatasetVersion, spec: PreprocessSpec) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yields how many pictures are ready, and the newest of them."""
    side = max(spec.width, spec.height)

    def chunk(start: int) -> NDArray[np.uint8]:
        stop = min(start + CHUNK, len(version))
        pictures = (decode(version.picture(i), max_pixels=NO_LIMIT, min_side=side) for i in range(start, stop))
        return np.stack([to_input(picture, spec) for picture in pictures])

    threads = os.cpu_count() or 1
    starts = list(range(0, len(version), CHUNK))
    with ThreadPoolExecutor(threads) as pool:
        try:
            # A few rounds ahead and no more, so that memory holds a few chunks of a large dataset and not all.
            for at in range(0, len(starts), threads * 4):
                round_of_starts = starts[at : at + threads * 4]
                for start, done in zip(round_of_starts, pool.map(chunk, round_of_starts), strict=True):
                    yield start + len(done), done
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _trim(folder: Path, keep: Path) -> None:
    """Removes what was used longest ago, until the rest fits. A run that has it mapped goes on undisturbed."""
    for part in folder.glob(".*.part"):
        # What a killed run left half written.
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < time.time() - PART_IS_LEFT_AFTER_S:
                part.unlink()
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
