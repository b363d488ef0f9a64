"""`python -m tests.support.poisoned`: `make run` with workers that a picture can kill, and a toy model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from launch.app import main
from launch.programs import Program, programs
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage
from tests.support.engines import publish_toy


def choose(settings: Settings) -> Sequence[Program]:
    """Returns Loupe's programs, with poisoned workers and no trainer; publishes a model for them."""
    registry = Registry(Storage(settings.storage_url))
    if not registry.served_version("pets"):
        publish_toy(registry)
        registry.promote("pets", 1)
    kept = [program for program in programs(settings) if program.name != "trainer"]
    return [replace(program, command=tuple(map(_poisoned, program.command))) for program in kept]


def _poisoned(part: str) -> str:
    return "tests.support.poisoned_app" if part == "worker.app" else part


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], choose))
