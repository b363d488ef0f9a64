"""The data folder: made, locked for one Loupe at a time, and checked to be of this embedded Redis."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from launch.errors import LaunchError

# The file in the Redis folder that says which server wrote it.
WRITER_FILE = "written-by"


def lock_data_folder(data_dir: Path) -> int:
    """Makes the folder, closes it to other users, and takes its lock.

    Returns:
        The lock's file descriptor. Whoever has it open holds the lock, also over an exec; the kernel frees it
        when that process ends, however it ends.

    Raises:
        LaunchError: when another Loupe holds the lock, or the folder cannot be written.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(data_dir)
        lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LaunchError(
            f"LOUPE_DATA_DIR: expected a folder this user can write, received {data_dir} ({error.strerror})"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise LaunchError(
            f"LOUPE_DATA_DIR: {data_dir} is in use by another Loupe (process {holder}); stop it or set LOUPE_DATA_DIR"
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    os.set_inheritable(lock, True)
    return lock


def private_folder(path: Path) -> Path:
    """Makes a folder that only this user can enter, and returns it.

    Raises:
        LaunchError: when something else, or somebody else's, is in its place.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LaunchError(f"Expected a folder at {path}: {error.strerror}; set LOUPE_DATA_DIR to another") from None
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LaunchError(f"Expected a folder of this user at {path}; remove what is there, or set LOUPE_DATA_DIR")
    path.chmod(0o700)
    return path


def check_redis_folder(folder: Path, version: str) -> None:
    """Makes the Redis folder and records who writes it.

    A server of another series (6.2, 7.0) would start empty on the files of this one without a word.

    Raises:
        LaunchError: when another series, or nobody knows who, wrote it.
    """
    private_folder(folder)
    record = folder / WRITER_FILE
    writer = record.read_text("utf-8").strip() if record.exists() else ""
    if not writer and any(folder.iterdir()):
        writer = "an unknown redis-server"
    ours = f"redis-server {version}"
    if writer and _series(writer) != _series(ours):
        raise LaunchError(
            f"LOUPE_DATA_DIR: {folder} was written by {writer}, and {ours} cannot read it; "
            "set LOUPE_DATA_DIR to another folder, or start the Loupe that wrote it"
        )
    record.write_text(ours + "\n", "utf-8")


def _close_to_others(folder: Path) -> None:
    """Takes the rights of all but this user off a folder of theirs: what lies in it has passwords and pictures."""
    found = folder.stat()
    # One that is everybody's, as /tmp, would be of use to nobody else any more.
    if found.st_uid == os.getuid() and not found.st_mode & stat.S_ISVTX:
        folder.chmod(0o700)


def _series(writer: str) -> str:
    return writer.rpartition(".")[0]
