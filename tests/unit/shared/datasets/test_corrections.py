"""What people said of single pictures, as it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.datasets.corrections import Correction, Corrections
from shared.errors import DatasetNotFound
from shared.storage import Storage

ONE, TWO = "a" * 64, "b" * 64


def correction(sha256: str, label: str | None, was: str = "cat", second: int = 0) -> Correction:
    return Correction(
        sha256=sha256, file="1.jpg", was=was, label=label, at=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
    )


@pytest.fixture
def kept(tmp_path: Path) -> Corrections:
    return Corrections(Storage(str(tmp_path)), "pets")


def test_corrections_are_kept_changed_and_taken_back(kept: Corrections) -> None:
    kept.put(correction(ONE, "dog"))
    kept.put(correction(TWO, None, second=1))
    assert [(one.sha256, one.label) for one in kept.all()] == [(TWO, None), (ONE, "dog")]
    # What it was at first stays, whatever a later version says by then.
    kept.put(correction(ONE, "fox", was="dog"))
    assert (kept.get(ONE) or correction(TWO, None)).was == "cat"
    kept.take_back(ONE)
    kept.take_back(ONE)
    assert kept.hashes() == {TWO}


def test_what_a_picture_was_at_first_needs_no_correction(kept: Corrections) -> None:
    kept.put(correction(ONE, "dog"))
    kept.put(correction(ONE, "cat", was="dog"))
    assert kept.all() == []


def test_what_cannot_be_read_is_left_out(kept: Corrections, tmp_path: Path) -> None:
    kept.put(correction(ONE, "dog"))
    (tmp_path / "datasets/pets/corrections" / f"{TWO}.json").write_text("{")
    (tmp_path / "datasets/pets/corrections/notes.txt").write_text("mine")
    assert [one.sha256 for one in kept.all()] == [ONE]


def test_no_path_is_made_of_a_strange_name_or_hash(kept: Corrections, tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound):
        Corrections(Storage(str(tmp_path)), "../pets")
    with pytest.raises(ValueError, match="64 hex digits"):
        kept.take_back("../../x")
