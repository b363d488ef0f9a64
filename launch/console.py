"""What the programs print, passed on to our own standard output without ever waiting for its reader."""

from __future__ import annotations

import os
import re
import select
import sys
from typing import Any

from supervisor import loggers

# A pipe that is ready for writing takes this many bytes at once: PIPE_BUF on Linux; macOS promises 512.
CHUNK_BYTES = 512 if sys.platform == "darwin" else 4096

# What libraries say of themselves: TensorFlow's remarks and warnings from before it can be told to keep them, and
# Celery's farewell. Errors stay (E, F), and so does a line that comes in pieces.
CHATTER = re.compile(
    rb"^(?:WARNING: All log messages before absl::InitializeLog\(\)"
    rb"|[IW]\d{4} \d\d:\d\d:[\d.]+ +\d+ \S+\]"
    rb"|\n?worker: Warm shutdown \(MainProcess\)$).*\n",
    re.MULTILINE,
)


class Console(loggers.StreamHandler):  # type: ignore[misc] # supervisor has no types
    """A log handler that writes to standard output, and drops what nobody reads.

    A supervisor that waited for a reader would neither restart nor stop anything.
    """

    def __init__(self, fmt: str, level: int) -> None:
        super().__init__(sys.stdout)
        self.setFormat(fmt)
        self.setLevel(level)
        self._fd = sys.stdout.fileno()
        self._dropped = 0

    def emit(self, record: Any) -> None:
        """Writes one record: bytes of a program as they are, a message of the supervisor in its format."""
        data = CHATTER.sub(b"", record.msg) if isinstance(record.msg, bytes) else (self.fmt % record.asdict()).encode()
        if self._dropped and self._write(b"[%d bytes of output were dropped: nobody read them]\n" % self._dropped):
            self._dropped = 0
        if self._dropped or not self._write(data):
            self._dropped += len(data)

    def _write(self, data: bytes) -> bool:
        for start in range(0, len(data), CHUNK_BYTES):
            try:
                if not select.select([], [self._fd], [], 0)[1]:
                    return False
                os.write(self._fd, data[start : start + CHUNK_BYTES])
            except OSError:
                # The reader or the terminal is gone; the programs are not to suffer from it.
                return True
        return True
