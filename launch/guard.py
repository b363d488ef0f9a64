"""What every supervised program starts as: it ties itself to the supervisor's life, then becomes the program.

On Linux the kernel keeps the tie and this module execs, so the process list shows the program itself. Elsewhere
it stays the program's parent and watches the supervisor.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from launch.silence import sign_of_life
from shared.parent import POLL_S, die_with_parent
from shared.sign_of_life import VARIABLE

# A program that dies at once is started again and again; this far apart it costs nobody anything.
PAUSE_S = 1.0


def main(argv: list[str]) -> int:
    """Waits for its turn, ties itself to the supervisor and becomes the command. Does not return on Linux."""
    parser = argparse.ArgumentParser(prog="launch.guard", description=__doc__)
    parser.add_argument("--parent", type=int, required=True, help="the supervisor's process id")
    parser.add_argument("--stamp", type=Path, required=True, help="a file whose time says when it last started")
    parser.add_argument("--nice", type=int, default=0, help="how much processor time to leave to others")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(argv)
    if sys.platform == "linux":
        die_with_parent(parent=options.parent)
    wait_for_turn(options.stamp, PAUSE_S)
    os.nice(options.nice)
    expect_signs(sign_of_life(options.stamp))
    if sys.platform == "linux":
        os.execv(options.command[0], options.command)  # noqa: S606 - the command is the launcher's own
    return stand_by(options.command, options.parent)


def wait_for_turn(stamp: Path, pause_s: float) -> None:
    """Sleeps until `pause_s` after the last start that `stamp` tells of, and notes this one."""
    try:
        since = time.time() - stamp.stat().st_mtime if stamp.exists() else pause_s
        time.sleep(min(max(pause_s - since, 0), pause_s))
        stamp.touch()
    except OSError:
        # A full disk must not turn a pause into a busy loop.
        time.sleep(pause_s)


def expect_signs(path: Path) -> None:
    """Tells the command which file to touch; the signs of the one before it are gone."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
    os.environ[VARIABLE] = str(path.absolute())


def stand_by(command: list[str], parent: int) -> int:
    """Runs the command, hands SIGTERM on, and kills the whole process group when `parent` is gone.

    Returns:
        The command's exit status, negative when a signal ended it.
    """
    child = subprocess.Popen(command)  # noqa: S603 - the command is the launcher's own
    signal.signal(signal.SIGTERM, lambda number, _frame: child.send_signal(number))
    while os.getppid() == parent:
        try:
            return child.wait(timeout=POLL_S)
        except subprocess.TimeoutExpired:
            continue
    # The supervisor made this process the leader of a group; the child and its children are in it.
    os.killpg(0, signal.SIGKILL)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
