"""Tokens that name the process which took something, so that another one on the same machine sees if it died."""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from collections.abc import Iterable
from functools import cache
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")


def new() -> str:
    """Returns a token that nobody had before: a random word, a place and a process number; else the word alone."""
    # The number is asked for each time: a process that was forked is another one.
    return f"{uuid.uuid4().hex} {place()} {os.getpid()}" if place() else uuid.uuid4().hex


def orphans(tokens: Iterable[str]) -> list[str]:
    """Returns the tokens of processes that ran where this one runs, and are gone.

    A process in another container, on another machine or from before a restart of the machine cannot be looked for. One
    that died is there until its parent took note of it, and one whose number was given to another counts as alive.
    """
    return [token for token in tokens if _is_orphan(token)]


@cache
def place() -> str:
    """Returns a word for where this process's number means something; an empty one where that is not known.

    That is a namespace of process numbers, in one run of a machine. The machine's name tells copies apart that were
    made of a running one.
    """
    try:
        names = f"{socket.gethostname()} {BOOT_ID.read_text()} {PID_NAMESPACE.readlink()}"
    except OSError:
        return ""
    return hashlib.sha256(names.encode()).hexdigest()[:16]


def _is_orphan(token: str) -> bool:
    where, _, number = token.partition(" ")[2].partition(" ")
    return where != "" and where == place() and not _lives(int(number))


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It is somebody else's.
        return True
    return True
