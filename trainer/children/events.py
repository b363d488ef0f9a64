"""What a child process says to its parent: one JSON object a line, on a stream that nothing else writes to."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, BinaryIO

# More often than this nobody can read, and each event becomes a write to Redis.
PROGRESS_EVERY_S = 0.5

# The import of TensorFlow and the first compilation say nothing. On two busy cores each was seen to take 15 s.
SILENT_S = 120.0
# The reason to wait before each picture that is decoded as it is asked for.
DECODING = "decoding a picture"


class Events:
    """The stream to the parent."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._progress: dict[str, Any] = {"done": 0, "failed": 0, "total": 0}
        self._sent_at = 0.0

    @classmethod
    def on_stdout(cls) -> Events:
        """Takes standard output for events, and sends what libraries print there to standard error from now on."""
        private = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        return cls(os.fdopen(private, "wb", buffering=0))

    def send(self, event: str, **fields: Any) -> None:
        """Sends one event.

        Raises:
            BrokenPipeError: the parent is gone.
        """
        line = json.dumps({"event": event, **fields}, separators=(",", ":"), allow_nan=False)
        self._stream.write(line.encode() + b"\n")

    def waiting(self, reason: str, seconds: float = SILENT_S) -> None:
        """Says that nothing may be heard for at most so many seconds, and why."""
        self.send("waiting", seconds=seconds, reason=reason)

    def progress(self, *, now: bool = False, **changed: Any) -> bool:
        """Sends the whole progress with some of its fields changed; left out if the last was sent just before.

        Args:
            now: send it however soon, because an epoch or a phase began.

        Returns:
            Whether it was sent.
        """
        self._progress.update(changed)
        due = now or time.monotonic() - self._sent_at >= PROGRESS_EVERY_S
        if due:
            self.send("progress", **self._progress)
            self._sent_at = time.monotonic()
        return due
