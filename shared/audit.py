"""The audit log: who changed what, a line of JSON each, in the data folder.

One file, which is set aside once it is full: at most two are kept. Every line also goes to the process's own log.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

from shared.schemas.base import rfc3339

log = logging.getLogger("loupe.audit")

NAME = "audit.log"
# Some ten thousand lines.
MAX_BYTES = 4 * 1024 * 1024
# So much of the file's end is read to show its newest lines.
TAIL_BYTES = 64 * 1024


def audit_path(data_dir: Path) -> Path:
    """Returns where the audit log is."""
    return data_dir / NAME


def record(data_dir: Path, who: str | None, action: str, target: str, **more: Any) -> None:
    """Adds a line. What cannot be written is logged and stops nobody: the action has been done.

    Args:
        who: the name of a key; None where nobody has to say.
        action: a verb in the past, such as `promoted`.
        target: what it was done to, as a path of the API or of a page, or a key's name.
    """
    line = json.dumps({"at": rfc3339(time.time()), "who": who, "action": action, "target": target} | more)
    log.info("%s", line)
    try:
        _append(audit_path(data_dir), line.encode("ascii") + b"\n")
    except OSError:
        log.exception("the audit log cannot be written")


def newest(data_dir: Path, most: int) -> list[dict[str, Any]]:
    """Returns the newest lines of the file, newest first; one that a full disk cut off is left out."""
    try:
        with audit_path(data_dir).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    whole = lines[1:] if start else lines
    return [found for line in reversed(whole[-most:]) if (found := _read(line))]


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return found


def _append(path: Path, line: bytes) -> None:
    """Adds a line; all processes of the machine take turns, so that a full file is set aside once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The file may be set aside between its opening and its lock, and then it is another one's.
    while True:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            found = os.fstat(handle)
            if not path.exists() or path.stat().st_ino != found.st_ino:
                continue
            if found.st_size + len(line) > MAX_BYTES and found.st_size:
                path.replace(path.with_suffix(".log.1"))
                continue
            if found.st_size and os.pread(handle, 1, found.st_size - 1) != b"\n":
                # A full disk has cut the last one off, and this one would be lost with it.
                line = b"\n" + line
            os.write(handle, line)
            return
        finally:
            os.close(handle)
