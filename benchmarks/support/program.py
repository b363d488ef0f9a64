"""A program that runs while something is measured: started, waited for, and stopped with all its children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class ProgramFailed(Exception):
    """Raised when a program ends, or does not answer, before it was stopped."""


class Program:
    """One program in a process group of its own.

    Args:
        log: the file that gets its output.
        environment: variables beside those of this process.
    """

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._log = log
        self._environment = os.environ | dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Returns once `ready` says so.

        Raises:
            ProgramFailed: it ended before, or was not ready in time.
        """
        deadline = time.monotonic() + timeout_s
        while not ready():
            if self._process is None or self._process.poll() is not None:
                raise ProgramFailed(f"{self._command} ended before it was ready:\n{self._tail()}")
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{self._command} was not ready within {timeout_s:g} s:\n{self._tail()}")
            time.sleep(0.05)

    def wait_port(self, port: int, timeout_s: float) -> None:
        """Returns once somebody listens on a port of loopback."""

        def listens() -> bool:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            return False

        self.wait(listens, timeout_s)

    def stop(self, timeout_s: float = 15) -> None:
        """Ends the program and everything that it started."""
        if self._process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
        self._process = None

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]
