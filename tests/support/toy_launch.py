"""`python -m launch` with toy programs and the real embedded Redis.

Its own option `--toys NAME,…` chooses among `tests.support.toys`; all others go to the launcher.
"""

from __future__ import annotations

import argparse
import sys

from launch.app import main
from launch.programs import Program, redis_program
from shared.settings import Settings


def run(argv: list[str]) -> int:
    """Starts the launcher with the chosen toys."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--toys", required=True)
    own, rest = parser.parse_known_args(argv)

    def choose(settings: Settings) -> list[Program]:
        module = (sys.executable, "-m", "tests.support.toys")
        return [redis_program(settings), *(Program(name, (*module, f"toy-{name}")) for name in own.toys.split(","))]

    return main(rest, choose)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
