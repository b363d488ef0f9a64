"""The Makefile's own promises: it lists its targets, and refuses an old Python in one line."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_bare_make_lists_each_public_target_with_a_sentence() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "lint", "e2e", "lock"):
        assert re.search(rf"^  make {target} +[A-Z].{{10}}", listed, re.MULTILINE), listed


def test_an_older_python_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    old = tmp_path / "old-python"
    # It answers as Python 3.9 does: its version to --version, failure to the check.
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)

    done = subprocess.run(["make", "run", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode != 0
    assert "Loupe needs Python 3.11 or later, received: Python 3.9.2" in done.stderr
    assert not (tmp_path / ".venv").exists()
