"""Dying with one's parent, so that no process is left over when a parent is killed and cannot stop its children."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

# From <linux/prctl.h>.
PR_SET_PDEATHSIG = 1
# How often a parent is looked at where the kernel cannot tell of its death.
POLL_S = 0.5


def die_with_parent(number: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Has the kernel send this process a signal when its parent dies; without such a kernel, a thread watches.

    On Linux the wish outlives an exec, and SIGKILL reaches a stopped process too. "Parent" there means the
    thread that made this process: make it from one that stays.

    Args:
        number: the signal.
        parent: the expected parent's process id, for a process whose parent may have died before this call.
    """
    expected = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    else:
        threading.Thread(target=_watch, args=(expected, number), name="parent-watch", daemon=True).start()
    # A parent that died before the call above is noticed here; one that dies after it, by the kernel.
    if os.getppid() != expected:
        os.kill(os.getpid(), number)


def _watch(parent: int, number: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_S)
    os.kill(os.getpid(), number)
