"""A child process: started with a spec, read line by line, stopped in time. Imports and trainings run in one each."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, Self

from shared.logs import child_environment
from shared.storage import disk_error

# How long a child that was told to stop may take, before it is killed: a batch, or the import of TensorFlow.
GRACE_S = 30.0
# How long a process may take to end once it has closed its stream: it has nothing more to do.
END_S = 10.0
READ_BYTES = 65536

# TensorFlow's chatter is of no use to who reads the log: 2 leaves its errors. oneDNN rounds otherwise than plain
# TensorFlow; it is named, so that a default of another release does not change results.
CHILD_ENV = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "1", "KERAS_BACKEND": "tensorflow"}


class Child:
    """One child process, in a process group of its own. Leaving the block ends it, however it is left.

    Args:
        module: what it runs, as in `python -m trainer.child`; see `trainer.children.entry`.
        spec: what it reads on its standard input. Its standard error is this process's.

    Raises:
        StorageUnavailable: the temporary folder takes no files, as that of a full disk.
    """

    def __init__(self, module: str, spec: str) -> None:
        self.ended = False
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._kill_at: float | None = None
        self._keeping = False
        with _file_with(spec) as given:
            self._out, out = os.pipe()
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and no text of a user's in the command.
                [sys.executable, "-m", module, str(os.getpid())],
                stdin=given,
                stdout=out,
                env={**os.environ, **CHILD_ENV, **child_environment()},
                process_group=0,
            )
            os.close(out)

    @property
    def process_id(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def told(self) -> bool:
        """Whether it was told to stop, or to keep what it has."""
        return self._kill_at is not None or self._keeping

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._out)

    def next_event(self, timeout_s: float) -> dict[str, Any] | None:
        """Returns the next event, or None if there was none in time. After the last one `ended` is true."""
        if self._kill_at is not None and time.monotonic() > self._kill_at:
            self._process.kill()
        if not self._lines and select.select([self._out], [], [], timeout_s)[0]:
            data = os.read(self._out, READ_BYTES)
            self.ended = not data
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines.extend(lines)
        if not self._lines:
            return None
        event: dict[str, Any] = json.loads(self._lines.popleft())
        return event

    def stop(self) -> None:
        """Tells the child to stop; after `GRACE_S` it is killed."""
        if self._kill_at is None:
            self._process.send_signal(signal.SIGTERM)
            self._kill_at = time.monotonic() + GRACE_S

    def keep(self) -> None:
        """Tells the child to end soon with what it has so far."""
        if not self._keeping:
            self._process.send_signal(signal.SIGUSR1)
            self._keeping = True

    def wait(self) -> str:
        """Waits for the process's end, which it is helped to after `END_S`, and returns how it ended, in words."""
        try:
            code = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _file_with(text: str) -> IO[bytes]:
    """Returns a file and not a pipe: a child that dies at once cannot break the writing of it."""
    try:
        with ExitStack() as half:
            file = half.enter_context(tempfile.TemporaryFile())
            file.write(text.encode())
            file.seek(0)
            half.pop_all()
    except OSError as error:
        raise disk_error("writing what a child process is to do to a temporary folder", error) from error
    return file
