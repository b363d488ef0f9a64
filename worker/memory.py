"""How much memory this process may take: a picture that makes it grow without end must not take the machine with it."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

GIB = 1024**3
# Beside the models: an engine (0.7 GB for Keras), pictures being decoded (0.4 GB), and 64 files of 20 MiB each.
OTHERS = 3 * GIB


class MemoryLimit:
    """A check for the watchdog.

    Args:
        models: bytes that loaded models may take.
    """

    def __init__(self, models: int) -> None:
        self._limit = models + OTHERS

    def __call__(self) -> str:
        """Returns a reason to end when the process has outgrown its limit."""
        taken = resident_bytes()
        return f"it takes {taken / GIB:.1f} GiB, more than {self._limit / GIB:.1f}" if taken > self._limit else ""


def resident_bytes() -> int:
    """Returns the memory this process takes; where the system does not tell, the most it ever took."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
