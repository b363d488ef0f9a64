"""The manual's commands for a backup and for a restore, on a folder of small files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEEDED = {"storage/models/pets/served.json", "redis/appendonly.aof"}
# Where there are access keys.
OF_ACCESS = {"keys.json", "audit.log", "audit.log.1"}
# What makes itself again.
LEFT = {"cache/0123", "scratch/import", "run/redis.sock", "lock"}


def documented() -> list[str]:
    """Returns the commands: a backup's, and a restore's."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Back up and restore")[2]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[:2]


@pytest.mark.parametrize("kept", [NEEDED, NEEDED | OF_ACCESS], ids=["without keys", "with keys"])
def test_a_backup_brings_back_what_does_not_make_itself_again(tmp_path: Path, kept: set[str]) -> None:
    var = tmp_path / "var"
    for name in kept | LEFT:
        (var / name).parent.mkdir(parents=True, exist_ok=True)
        (var / name).write_text(name)
    backup, restore = documented()

    subprocess.run(["sh", "-euc", backup], cwd=tmp_path, check=True)
    shutil.rmtree(var)
    subprocess.run(["sh", "-euc", restore], cwd=tmp_path, check=True)

    assert {str(path.relative_to(var)) for path in var.rglob("*") if path.is_file()} == kept
