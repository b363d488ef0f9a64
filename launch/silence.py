"""Finds programs that live and do nothing any more: stopped for good, or stuck in C with Python's lock held.

What is stuck otherwise ends itself (`shared.watchdog`); such a process cannot.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# Processes give a sign of life every two seconds (`shared.heartbeat`). On a machine that swaps one may be late by far.
SILENT_S = 60
LOOK_EVERY_S = 1.0


class Silence:
    """Looks for signs of life.

    Looks are counted, not seconds: a time in which the machine slept is nobody's silence. While no program gives a sign
    at all it is the disk that takes none, and nobody is silent.

    Args:
        run_dir: where the files are that programs touch.
        looks: during which a program has to be silent that has spoken once.
    """

    def __init__(self, run_dir: Path, looks: int) -> None:
        self._run_dir = run_dir
        self._looks = looks
        # The last sign of each program, and how many looks ago it was new.
        self._signs: dict[str, tuple[int, int]] = {}

    def look(self, running: Iterable[str]) -> list[str]:
        """Returns which of the programs that run are silent, each once; called every `LOOK_EVERY_S`."""
        before, self._signs = self._signs, {}
        for name in running:
            last, ago = before.get(name, (0, 0))
            sign = self._sign(name)
            if sign:
                self._signs[name] = sign, ago + 1 if sign == last else 0
        if all(ago > self._looks / 2 for _, ago in self._signs.values()):
            return []
        silent = [name for name, (_, ago) in self._signs.items() if ago >= self._looks]
        for name in silent:
            del self._signs[name]
        return silent

    def _sign(self, name: str) -> int:
        """Returns when a program gave its last sign; 0 for none since its start."""
        try:
            return sign_of_life(self._run_dir / name).stat().st_mtime_ns
        except OSError:
            return 0


def sign_of_life(path: Path) -> Path:
    """Returns the file of a program's signs, beside another file of the program's."""
    return path.with_suffix(".alive")
