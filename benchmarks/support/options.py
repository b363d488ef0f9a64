"""What a benchmark is told on its command line, and how one of them runs alone."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.support.world import World


@dataclass(frozen=True)
class Options:
    """How long a benchmark may take.

    Attributes:
        quick: a tenth of everything, to see that it works. Its figures say nothing and are not written.
    """

    quick: bool = False

    def of(self, count: int) -> int:
        """Returns how many of `count` to do."""
        return max(1, count // 10) if self.quick else count


# Runs a benchmark and returns its exit status.
Benchmark = Callable[[World, Options], int]


def parsed(words: str | None) -> Options:
    """Reads the command line; `words` describe the benchmark."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    options = Options(quick=parser.parse_args().quick)
    # Told to end, it leaves as after Ctrl-C: with everything stopped that it started.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    return options


def alone(run: Benchmark, words: str | None) -> int:
    """Runs one benchmark in a world of its own and returns its exit status."""
    options = parsed(words)
    with World() as world:
        return run(world, options)
