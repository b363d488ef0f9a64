from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared.storage import Storage
from trainer.child.checkpoint import Checkpoints, State

JOB = "019ae000-0000-7000-8000-000000000000"
STATE = State(
    following=3,
    history=[{"epoch": 1, "val_loss": 0.5}, {"epoch": 2, "val_loss": 0.25}],
    patience={"lowest": 0.25, "factor": 1.0, "best": 0, "change": 0},
    model=[np.arange(6, dtype=np.float32).reshape(2, 3), np.array([7, 8], np.uint32)],
    optimizer=[np.array(4, np.int64), *(np.full(2, i, np.float32) for i in range(11))],
    best=[np.zeros((2, 3), np.float32)],
)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


def test_a_checkpoint_comes_back_as_it_was(storage: Storage) -> None:
    checkpoints = Checkpoints(storage, JOB, "these libraries")
    assert checkpoints.load() is None
    checkpoints.save(STATE)
    found = checkpoints.load()
    assert found is not None
    assert (found.following, found.history, found.patience) == (STATE.following, STATE.history, STATE.patience)
    for group in ("model", "optimizer", "best"):
        ours, theirs = getattr(STATE, group), getattr(found, group)
        assert [array.dtype for array in ours] == [array.dtype for array in theirs]
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_it_lies_in_the_job_s_folder_and_goes_when_it_is_of_no_more_use(storage: Storage) -> None:
    checkpoints = Checkpoints(storage, JOB, "these libraries")
    checkpoints.save(STATE)
    assert storage.names(f"jobs/{JOB}/checkpoint") == ["latest.npz"]
    checkpoints.delete()
    checkpoints.delete()
    assert storage.names(f"jobs/{JOB}") == []


def test_one_of_other_libraries_is_left_alone(storage: Storage) -> None:
    Checkpoints(storage, JOB, "older libraries").save(STATE)
    assert Checkpoints(storage, JOB, "these libraries").load() is None


@pytest.mark.parametrize("damage", [b"", b"not a zip", b"PK\x03\x04 and then nothing"])
def test_a_damaged_one_is_left_alone(storage: Storage, damage: bytes) -> None:
    storage.write_bytes(f"jobs/{JOB}/checkpoint/latest.npz", damage)
    assert Checkpoints(storage, JOB, "these libraries").load() is None


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 8), (10, 99)], ids=["encrypted", "packed", "unknown"])
def test_one_with_a_wrong_byte_in_its_list_is_left_alone(storage: Storage, offset: int, value: int) -> None:
    # Given a checkpoint that says of its first file that it is packed, or that it takes a password
    checkpoints, path = Checkpoints(storage, JOB, "these libraries"), f"jobs/{JOB}/checkpoint/latest.npz"
    checkpoints.save(STATE)
    data = bytearray(storage.read_bytes(path))
    data[data.index(b"PK\x01\x02") + offset] = value
    storage.write_bytes(path, bytes(data))
    # Then the training begins anew
    assert checkpoints.load() is None
