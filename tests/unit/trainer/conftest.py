"""Fixtures of the trainer's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.imports import Imports


@pytest.fixture
def imports(tmp_path: Path) -> Imports:
    """Imports into a storage of the test's own."""
    return Imports(tmp_path)
