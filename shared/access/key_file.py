"""The file of hashed keys: read whole or not at all, written whole by one process at a time."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.access.key import AccessKey

# Some thousand keys. A larger file is something else.
MAX_BYTES = 1024 * 1024
# Who may write this file may let anybody in. Reading gains nothing: hashes of random keys lead to no key.
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class KeyFileError(Exception):
    """Raised when a file of keys cannot be used; its text says which file and why, and repeats nothing of it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"expected a file of hashed keys as `make key` writes it, received {str(path)!r} ({reason})")


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[AccessKey, ...]


def load_keys(path: Path) -> tuple[AccessKey, ...]:
    """Returns the keys of a file.

    Raises:
        KeyFileError: the file is missing, no regular file, writable by others, or not of this form.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise KeyFileError(path, "it is no regular file")
            if found.st_mode & OTHERS_WRITE:
                raise KeyFileError(path, "others than its owner may write it; run `chmod 600` on it")
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise KeyFileError(path, error.strerror or "it cannot be read") from None
    if len(text) > MAX_BYTES:
        raise KeyFileError(path, f"it has more than {MAX_BYTES} bytes")
    return _parse(path, text)


@contextmanager
def changing(path: Path) -> Iterator[list[AccessKey]]:
    """Gives the keys to be changed in place and writes them at the block's end, when nothing was raised in it.

    The new file takes the place of the old one at once, so that nobody ever reads half of it. Its mode is 600.

    Raises:
        KeyFileError: the file is there and cannot be used, or cannot be written.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeyFileError(path, error.strerror or "its folder cannot be opened") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        keys = list(load_keys(path)) if path.exists() else []
        yield keys
        _write(path, keys)
        os.fsync(folder)
    except OSError as error:
        raise KeyFileError(path, error.strerror or "it cannot be written") from None
    finally:
        os.close(folder)


def _parse(path: Path, text: bytes) -> tuple[AccessKey, ...]:
    try:
        keys = _Keys.model_validate_json(text).keys
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KeyFileError(path, f"{place + ': ' if place else ''}{first['msg']}") from None
    for field in ("name", "sha256"):
        twice = [value for value, times in Counter(getattr(key, field) for key in keys).items() if times > 1]
        if twice:
            raise KeyFileError(path, f"{field} {twice[0]!r} is there twice")
    return keys


def _write(path: Path, keys: list[AccessKey]) -> None:
    # mkstemp makes files of mode 600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_Keys(keys=tuple(keys)).model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
