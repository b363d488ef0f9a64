"""How work ends that nobody could finish."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.errors import StorageUnavailable
from shared.jobs.lost import crashed_outcome, lost_outcome
from shared.jobs.model import Claim, Kind, Status
from shared.storage import Storage

SPEC = {"model": {"name": "pets", "version": 1}}


def claim(kind: Kind, payload: dict[str, object], count: int = 1) -> Claim:
    return Claim("job:0", "job", 3, payload, 4, count, kind, SPEC)


def test_a_single_picture_ends_as_a_failed_item(tmp_path: Path) -> None:
    payload: dict[str, object] = {"item": {"url": "http://example.org/a.png"}}
    outcome = lost_outcome(Storage(str(tmp_path)), claim(Kind.CLASSIFICATION, payload))
    assert outcome.status is Status.FAILED
    assert outcome.error == {"code": "worker_lost", "message": "The worker died three times while working on this."}
    assert outcome.result is not None
    assert outcome.result["url"] == "http://example.org/a.png"


def test_a_chunk_ends_with_an_outcome_for_each_item(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    storage.write_bytes("in", b"".join(json.dumps({"index": n}).encode() + b"\n" for n in range(3, 7)))
    outcome = crashed_outcome(storage, claim(Kind.CLASSIFICATION, {"input": "in", "base": 3}, count=2))
    assert (outcome.done, outcome.failed, outcome.errors) == (2, 2, {"internal": 2})
    assert outcome.results is not None
    assert [json.loads(line)["index"] for line in storage.read_bytes(outcome.results).splitlines()] == [4, 5]


@pytest.mark.parametrize("damage", [None, b"not json\n" * 9])
def test_a_chunk_whose_input_is_gone_or_damaged_is_counted_and_ends(tmp_path: Path, damage: bytes | None) -> None:
    storage = Storage(str(tmp_path))
    if damage:
        storage.write_bytes("in", damage)
    outcome = lost_outcome(storage, claim(Kind.CLASSIFICATION, {"input": "in", "base": 4}, count=2))
    assert (outcome.done, outcome.failed, outcome.errors) == (2, 2, {"worker_lost": 2})


def test_with_storage_away_the_end_waits(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(StorageUnavailable):
        lost_outcome(Storage(str(tmp_path)), claim(Kind.CLASSIFICATION, {"input": "in", "base": 4}))


def test_a_training_ends_with_its_error_alone(tmp_path: Path) -> None:
    outcome = crashed_outcome(Storage(str(tmp_path)), claim(Kind.TRAINING, {}))
    assert (outcome.status, outcome.done, outcome.result) == (Status.FAILED, 0, None)
