"""Refuses an upload that the disk has no room for before a byte of it is read."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Flask, request

from shared.errors import StorageFull
from shared.storage import Storage, free_bytes

MIB = 1024 * 1024
# A smaller body is taken whatever room there is: it is what most requests are, and the reserve holds many of them.
SMALL = MIB
# Stays free whatever comes: a full disk would stop Redis, and with it all that was accepted before.
RESERVE = 256 * MIB
# A body lies in the temporary folder while it is read, and then in storage.
TIMES = 2


def register_room(app: Flask, storage: Storage) -> None:
    """Looks for room before each request with a large body; one that does not say how large has the most it may."""

    @app.before_request
    def check() -> None:
        length = request.content_length
        if length is None:
            chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
            length = request.max_content_length or 0 if chunked else 0
        # What is over the limit is refused for that, and not for want of room.
        if length > SMALL and length <= (request.max_content_length or length):
            check_room(storage, length)


def check_room(storage: Storage, length: int) -> None:
    """Refuses a body of so many bytes where it would leave too little room.

    Raises:
        StorageFull: there is too little room for it.
    """
    for where, free in (
        ("in storage", storage.free_bytes()),
        ("in the temporary folder", free_bytes(Path(tempfile.gettempdir()))),
    ):
        if free is not None and free < TIMES * length + RESERVE:
            raise StorageFull(
                f"There are {free // MIB:,} MiB free {where}, too few to take {length / MIB:,.1f} MiB. "
                "Make room there and send it again."
            )
