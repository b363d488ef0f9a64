from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
SEED, COUNT = 7, 400
CODES = {"not_an_image", "too_many_pixels"}


def _run(fill: int, fuzz: int) -> dict[str, Any]:
    """Decodes the mutations in a process of its own whose fresh memory is full of one byte (glibc fills it)."""
    command = [sys.executable, "-m", "tests.support.mutations", str(SEED), str(COUNT * fuzz)]
    environment = {**os.environ, "MALLOC_PERTURB_": str(fill)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60 * fuzz)
    assert done.returncode == 0, f"The process died of a picture: {done.stderr[-2000:]!r}"
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def runs(fuzz: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return _run(85, fuzz), _run(170, fuzz)


def test_damaged_pictures_are_decoded_or_refused_with_a_typed_error(runs: tuple[dict[str, Any], ...]) -> None:
    outcomes = runs[0]["outcomes"]

    refused = {outcome for outcome in outcomes.values() if len(outcome) != 64}

    assert len(outcomes) > 1_000
    assert refused <= CODES


def test_pixels_never_depend_on_what_was_in_memory_before(runs: tuple[dict[str, Any], ...]) -> None:
    assert runs[0]["outcomes"] == runs[1]["outcomes"]


def test_no_damaged_picture_takes_long_or_much_memory(runs: tuple[dict[str, Any], ...]) -> None:
    assert max(run["longest_s"] for run in runs) < 0.5
    # macOS counts bytes where Linux counts KiB; there the bound says nothing, and does no harm.
    assert sys.platform == "darwin" or max(run["peak_kib"] for run in runs) < 400 * 1024
