"""Weights in HDF5 before Keras sees them: numbers that lie in the file itself, and no others.

HDF5 can do much more: read its numbers from other files, be a view of them, unpack them, or claim shapes of which
nothing is there. Keras writes none of that. Child processes only: it imports h5py, as Keras does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py

from shared.errors import ModelRefused

# More groups and arrays than any model has.
MOST_OBJECTS = 100_000
# Signed and unsigned numbers, floats, truth values, and bfloat16, which HDF5 knows as two bytes.
KINDS = frozenset("iufbV")


def check_weights(path: Path) -> int:
    """Checks the file at `path`, and returns how many bytes of numbers are in it.

    Raises:
        ModelRefused: it is no HDF5, or there is more in it than arrays of numbers.
    """
    try:
        with h5py.File(path, "r") as file:
            total = sum(_checked(one) for one in _objects(file))
    except ModelRefused:
        raise
    except Exception as error:
        # Whatever its library, in C, makes of a broken file.
        raise ModelRefused(f"Expected weights in HDF5, received something else ({str(error)[:200]}).") from error
    if total > path.stat().st_size:
        raise ModelRefused("Expected weights that lie in the file one after the other; here they overlap.")
    return total


def _objects(file: h5py.File) -> Iterator[h5py.HLObject]:
    """Yields all groups and arrays, and refuses what leads elsewhere."""
    waiting, count, seen = [file], 0, {h5py.h5o.get_info(file.id).addr}
    while waiting:
        group = waiting.pop()
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise _refused(name, "a link to somewhere else")
            one = group[name]
            address = h5py.h5o.get_info(one.id).addr
            count += 1
            if address in seen or count > MOST_OBJECTS:
                raise _refused(name, "what is there already" if address in seen else "more than any model has")
            seen.add(address)
            yield one
            if isinstance(one, h5py.Group):
                waiting.append(one)


def _checked(one: h5py.HLObject) -> int:
    """Returns how many bytes an array has."""
    if isinstance(one, h5py.Group):
        return 0
    if not isinstance(one, h5py.Dataset):
        raise _refused(one.name, "a type")
    if one.external or one.is_virtual:
        raise _refused(one.name, "numbers of another file")
    if one.dtype.kind not in KINDS or one.dtype.fields is not None:
        raise _refused(one.name, "something else than numbers")
    # Packed numbers come in chunks, and so do those that may be missing.
    if one.chunks is not None or one.id.get_storage_size() < one.nbytes:
        raise _refused(one.name, "numbers that are packed or missing")
    return int(one.nbytes)


def _refused(name: object, what: str) -> ModelRefused:
    return ModelRefused(f"Expected weights as plain arrays, as Keras writes them; {ascii(name)[:100]} is {what}.")
