"""All files of Loupe behind one small interface: a folder today, or any fsspec URL such as s3://bucket/prefix.

Paths are relative and '/'-separated. A write is whole or not there: readers never see half a file. Names that begin
with a dot are Loupe's own scratch files and are never listed.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from fsspec.asyn import AsyncFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from shared.errors import StorageFull, StorageUnavailable
from shared.parts import created, part_in, remove_parts

PROBE = ".check"
# A remote storage that has not answered by then, with all that was tried again, is taken to be away; whatever sends or
# gets a file has as much more as the slowest line would take that is any use. Nothing of this is set by the libraries:
# a body may come a byte at a time, and a listing lead from page to page without end.
ANSWER_S = 100.0
SLOWEST_BYTES_S = 1024 * 1024
LONGEST_S = 3600.0
# As in a folder.
LONGEST_NAME = 255
S3 = ("s3://", "s3a://")
FULL = (errno.ENOSPC, errno.EDQUOT)


class Storage:
    """A tree of files at one URL. Make one per process, after a fork: a remote file system keeps threads of its own."""

    def __init__(self, url: str) -> None:
        """Opens the storage without touching it.

        Args:
            url: a folder or an fsspec URL.
        """
        self.url = url
        fs, root = url_to_fs(url, **_options(url))
        self._fs: Any = fs
        self._root = str(root).rstrip("/")
        self._folder = Path(self._root) if isinstance(fs, LocalFileSystem) else None
        self._remote = isinstance(fs, AsyncFileSystem)
        self._copied: dict[str, str] = {}
        self._remove_copies: Callable[[], object] = lambda: None

    def close(self) -> None:
        """Removes the local copies of remote files, at the end. A process does so by itself if it ends as usual."""
        self._remove_copies()

    def read_bytes(self, path: str) -> bytes:
        """Returns a file's content.

        Raises:
            FileNotFoundError: there is no such file.
            StorageUnavailable: the storage does not answer.
        """
        with self._translated(f"reading {path}"):
            return bytes(self._fs.cat_file(self._full(path), **self._within()))

    def read_range(self, path: str, start: int, length: int) -> bytes:
        """Returns a part of a file; less of it where the file ends sooner.

        Raises:
            FileNotFoundError: there is no such file.
            StorageUnavailable: the storage does not answer.
        """
        with self._translated(f"reading {path}"):
            return bytes(self._fs.cat_file(self._full(path), start=start, end=start + length, **self._within()))

    def write_bytes(self, path: str, data: bytes) -> None:
        """Writes a file, whole or not at all; an older one of that name is replaced.

        Raises:
            StorageUnavailable: the storage does not answer, or is full.
        """
        with self.open_write(path) as file:
            file.write(data)

    def exists(self, path: str) -> bool:
        """Returns whether there is a file, or a folder with something in it, at `path`."""
        with self._translated(f"looking for {path}"):
            return bool(self._fs.exists(self._full(path), **self._within())) or self._nothing_there()

    def names(self, path: str = "") -> list[str]:
        """Returns the names directly under a folder, sorted; none if there is no such folder.

        Names that no path may have are left out: whoever writes to a bucket may have put anything there.
        """
        full = self._full(path)
        with self._translated(f"listing {path or 'the storage'}"):
            try:
                found = self._fs.ls(full, detail=False, **self._within())
            except (FileNotFoundError, NotADirectoryError):
                self._nothing_there()
                return []
        folder = full.strip("/") + "/"
        below = (str(name).strip("/") for name in found)
        names = {name.removeprefix(folder) for name in below if name.startswith(folder)}
        return sorted(
            name for name in names if not name.startswith(".") and _nameable(name) and len(name) <= LONGEST_NAME
        )

    def delete(self, path: str) -> None:
        """Deletes a file, or a folder with all that is in it. One that is missing is fine."""
        if not path:
            raise ValueError("path: expected the path of a file or folder, received the storage itself")
        with self._translated(f"deleting {path}"), suppress(FileNotFoundError):
            self._fs.rm(self._full(path), recursive=True, **self._within())

    def check(self) -> None:
        """Writes and reads a tiny file.

        Raises:
            StorageUnavailable: the storage cannot be written, or not read.
        """
        self.write_bytes(PROBE, b"ok")
        try:
            self.read_bytes(PROBE)
        except FileNotFoundError as error:
            raise StorageUnavailable("The storage lost a file as soon as it was written") from error

    def free_bytes(self) -> int | None:
        """Returns how much can still be written; None where the storage does not tell, as remote ones do not."""
        return free_bytes(self._folder) if self._folder else None

    def remove_parts(self, older_than_s: float) -> None:
        """Removes what killed processes left half written in a folder; a remote storage takes nothing by halves.

        Args:
            older_than_s: since the last write to it.
        """
        if self._folder is not None:
            with self._translated("looking for what is half written"):
                remove_parts(self._folder, older_than_s)

    def local_path(self, path: str) -> Path:
        """Returns where the file lies on this machine: the file itself, or a copy kept until `close`.

        Copies of files in one folder lie in one folder.

        Raises:
            FileNotFoundError: there is no such file.
        """
        full = self._full(path)
        with self._translated(f"reading {path}"):
            if self._folder is not None:
                os.stat(full)  # noqa: PTH116 - it raises what is missing, where Path.exists answers False.
                return Path(full)
            copy = Path(self._copies, *path.split("/"))
            # It changes with the file's content, as far as the remote side can tell.
            found = self._fs.info(full, **self._within())
            key = str(found)
            if self._copied.get(path) != key:
                copy.parent.mkdir(parents=True, exist_ok=True)
                part = part_in(copy.parent)
                self._fs.get_file(full, str(part), **self._within(found["size"]))
                part.replace(copy)
                self._copied[path] = key
            return copy

    @contextmanager
    def open_read(self, path: str) -> Iterator[BinaryIO]:
        """Opens a file for reading in pieces. One of a remote storage is read whole first.

        Raises:
            FileNotFoundError: there is no such file.
            StorageUnavailable: the storage does not answer.
        """
        if self._remote:
            file: BinaryIO = io.BytesIO(self.read_bytes(path))
        else:
            with self._translated(f"reading {path}"):
                file = cast(BinaryIO, self._fs.open(self._full(path), "rb"))
        with file:
            yield file

    @contextmanager
    def open_write(self, path: str) -> Iterator[BinaryIO]:
        """Opens a file for writing in pieces. It appears when the block ends well, and never when it raises.

        Raises:
            StorageUnavailable: the storage does not answer, or is full.
        """
        full = self._full(path)
        # A folder's file is written beside its place, where renaming it is atomic. It is not forced to the disk:
        # a power cut loses the last seconds, as it does of the job record, and a version's hashes tell.
        folder = full.rsplit("/", 1)[0] if self._folder else self._copies
        part = part_in(Path(folder))
        try:
            with _disk(f"writing {path}"), created(part) as file:
                yield file
            with self._translated(f"writing {path}"):
                self._commit(part, full)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise

    def _nothing_there(self) -> bool:
        """Says False for what is not there, unless the storage itself is away: a file is in its place."""
        if self._folder is not None and self._folder.exists() and not self._folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "The storage is not a folder", str(self._folder))
        return False

    def _commit(self, part: Path, full: str) -> None:
        if self._folder is not None:
            part.replace(full)
        else:
            self._fs.put_file(str(part), full, **self._within(part.stat().st_size))
            part.unlink()

    @cached_property
    def _copies(self) -> str:
        folder = tempfile.mkdtemp(prefix="loupe-")
        self._remove_copies = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _full(self, path: str) -> str:
        parts = path.split("/") if path else []
        if not all(map(_nameable, parts)):
            raise ValueError(f"path: expected a relative path such as models/pets/1, received {path!r}")
        return "/".join([self._root, *parts])

    def _within(self, size: int = 0) -> dict[str, float]:
        """Returns the option that bounds a call of a remote file system, which moves `size` bytes."""
        return {"timeout": min(ANSWER_S + size / SLOWEST_BYTES_S, LONGEST_S)} if self._remote else {}

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        """Turns what a file system raises into `StorageUnavailable`; a missing file stays `FileNotFoundError`."""
        try:
            with _disk(doing):
                yield
        except (FileNotFoundError, StorageUnavailable) as error:
            # Below a file there is no file; but that the storage itself is a file is no missing file.
            stray = isinstance(error.__cause__, NotADirectoryError) and self._folder and self._folder.is_dir()
            if stray:
                raise FileNotFoundError(f"{doing}: there is no such file") from error
            raise
        except Exception as error:
            # Remote file systems have error families of their own (no credentials, no connection). A folder has not.
            if self._folder is not None:
                raise
            raise StorageUnavailable(f"{doing}: {type(error).__name__}: {error}") from error


def free_bytes(folder: Path) -> int | None:
    """Returns the room on a folder's disk; None for a folder that is not there."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _options(url: str) -> dict[str, Any]:
    # Other processes write too, so a listing must not be remembered.
    options: dict[str, Any] = {"use_listings_cache": False} if "://" in url else {}
    if url.startswith(S3):
        # What it needs takes a second to import, and a folder needs none of it.
        from shared.s3_session import StayingSession

        options["config_kwargs"] = {"http_session_cls": StayingSession}
    return options


def _nameable(name: str) -> bool:
    """Says whether a part of a path may have this name."""
    return name not in ("", ".", "..") and not any(sign in name for sign in "/\\\0")


@contextmanager
def _disk(doing: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise disk_error(doing, error) from error


def disk_error(doing: str, error: OSError) -> StorageUnavailable:
    """Returns what a disk's error means: that it is full, or that it does not answer."""
    late = "no whole answer in time" if isinstance(error, TimeoutError) else ""
    words = f"{doing}: {error.strerror or str(error) or late}"
    if error.errno in FULL:
        return StorageFull(f"{words}. Make room there and do it again.")
    return StorageUnavailable(words)
