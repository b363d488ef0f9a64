"""The supervisor's process: `python -m launch.supervise CONF`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from supervisor import loggers, supervisord
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ServerOptions

from launch.console import Console
from launch.silence import LOOK_EVERY_S, SILENT_S, Silence
from shared.parent import die_with_parent

# Two groups stop one after the other, each with its own limit; whatever goes wrong with that, this ends it.
STOP_LIMIT_S = 16


class ForegroundOptions(ServerOptions):  # type: ignore[misc] # supervisor has no types
    """Supervisor's own options, for a process in a terminal."""

    def get_signal(self) -> int | None:
        """Returns the next signal received; a closed terminal (SIGHUP) stops Loupe instead of reloading it."""
        received: int | None = super().get_signal()
        if received == signal.SIGHUP:
            received = signal.SIGTERM
        if received in {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}:
            # Ends this process if stopping takes too long, and the kernel then ends its children.
            signal.alarm(STOP_LIMIT_S)
        return received

    def make_logger(self) -> None:
        """Logs the supervisor's warnings to the console, but not its remarks on the configuration."""
        self.logger = loggers.getLogger(self.loglevel)
        self.logger.addHandler(Console("%(asctime)s %(levelname)s %(message)s\n", self.loglevel))

    # Supervisor's own name; programs' output goes through a logger made here.
    def getLogger(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        """Returns a logger for one program's output, which the console gets too."""
        logger = super().getLogger(*args, **kwargs)
        logger.addHandler(Console("%(message)s", logger.level))
        return logger


class Wake:
    """Ends the supervisor's wait for output when a signal comes; it would look a second later at what died."""

    def __init__(self) -> None:
        self.fd, write = os.pipe()
        for end in (self.fd, write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        # A program closes what it was born with, before it is one.
        os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))

    # What the supervisor asks of whatever it reads from.
    def readable(self) -> bool:
        """Returns that there may be something to read."""
        return True

    def writable(self) -> bool:
        """Returns that nothing is to be written."""
        return False

    def handle_read_event(self) -> None:
        """Takes the signals' numbers away; their handlers have run."""
        with suppress(BlockingIOError):
            os.read(self.fd, 4096)


class Supervisor(supervisord.Supervisor):  # type: ignore[misc] # supervisor has no types
    """Supervisor's own, which also kills what gives no sign of life; that is then started anew, as whatever dies."""

    def __init__(self, options: ServerOptions, silence: Silence) -> None:
        super().__init__(options)
        self._silence = silence
        self._next_look = 0.0

    def runforever(self) -> None:
        """Runs until it is told to stop."""
        wake = Wake()
        self.options.get_socket_map()[wake.fd] = wake
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        """Called in each round of its loop, once a second at least."""
        super().tick(now)
        # What was just found dead starts now and not in the next round.
        for group in self.process_groups.values():
            group.transition()
        if self.stopping or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        programs = [program for group in self.process_groups.values() for program in group.processes.values()]
        pids = {program.config.name: program.pid for program in programs if program.pid}
        for name in self._silence.look(pids):
            self.options.logger.warn(f"killed: {name} (no sign of life)")
            # Each program is the leader of a group, in which its children are.
            with suppress(ProcessLookupError):
                os.killpg(pids[name], signal.SIGKILL)


def main(argv: list[str]) -> None:
    """Runs supervisord in the foreground until it is told to stop."""
    parser = argparse.ArgumentParser(prog="launch.supervise", description=__doc__)
    parser.add_argument("--die-with", type=int, metavar="PID", help="stop when this parent is gone")
    parser.add_argument("--silent", type=int, default=SILENT_S, help="seconds without a sign of life")
    parser.add_argument("conf", type=Path)
    arguments = parser.parse_args(argv)
    # Until the supervisor listens for signals there is nothing to stop in order.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    options = ForegroundOptions()
    options.realize(["-n", "-c", str(arguments.conf)])
    options.first, options.test = True, False
    if arguments.die_with:
        die_with_parent(signal.SIGTERM, arguments.die_with)
    with suppress(asyncore.ExitNow):
        Supervisor(options, Silence(arguments.conf.parent, arguments.silent)).main()


if __name__ == "__main__":
    main(sys.argv[1:])
