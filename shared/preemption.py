"""When a process gets a processor that others compute on."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def interrupt_nobody() -> None:
    """Has this thread, and all that it starts from now on, wait until whoever computes is done or has had its share.

    Left alone, Linux takes the processor from whoever has it and gives it to whoever was woken. Of the processes that a
    picture passes through each wakes the next one, so all are interrupted all the time, and each does little at once.
    Call it early in a process: threads that there are already keep their ways. Where the system has no such policy, or
    forbids it, nothing changes.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
