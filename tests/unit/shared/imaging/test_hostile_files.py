"""Other people's hostile files, where somebody has a folder of them. None is kept here."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from shared.errors import ItemError
from shared.imaging import decode

FOLDER = os.environ.get("LOUPE_TEST_HOSTILE_DIR")


@pytest.mark.skipif(not FOLDER, reason="LOUPE_TEST_HOSTILE_DIR names no folder of hostile pictures")
def test_every_hostile_file_is_decoded_or_refused_in_half_a_second() -> None:
    files = sorted(path for path in Path(FOLDER or "").rglob("*") if path.is_file())
    slow = []

    for path in files:
        started = time.thread_time()
        try:
            pixels = decode(path.read_bytes(), max_pixels=50_000_000)
        except ItemError:
            pass
        else:
            assert pixels.ndim == 3
        if time.thread_time() - started > 0.5:
            slow.append(path.name)

    assert files
    assert not slow
