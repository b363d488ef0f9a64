from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.errors import DatasetNotFound, StorageFull, TooFewPictures
from shared.imaging import decode, to_input
from shared.preprocess_spec import PreprocessSpec
from shared.storage import Storage
from tests.support.toy_versions import toy_version
from trainer import cache
from trainer.child.pictures import load_pictures
from trainer.datasets.version import DatasetVersion, open_version
from trainer.evaluation.pictures import model_input
from trainer.threads import ASK_EVERY_S

RGB = PreprocessSpec(width=12, height=8, color="rgb")
GREY = PreprocessSpec(width=12, height=8, color="grey", scale="-1..1")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def version(storage: Storage) -> DatasetVersion:
    toy_version(storage, counts={"cat": 90, "dog": 60})
    return open_version(storage, "pets")


@pytest.mark.parametrize("spec", [RGB, GREY])
def test_every_picture_is_what_serving_would_make_of_it(
    version: DatasetVersion, tmp_path: Path, spec: PreprocessSpec
) -> None:
    found = cache.inputs(version, spec, tmp_path / "cache")
    assert found.shape == (150, 8, 12, spec.channels)
    assert found.dtype == np.uint8
    for index in (0, 63, 64, 149):
        served = to_input(decode(version.picture(index), max_pixels=10**6, min_side=12), spec)
        assert np.array_equal(found[index], served)


def test_a_second_run_decodes_nothing_and_the_scale_makes_no_difference(
    version: DatasetVersion, tmp_path: Path
) -> None:
    heard: list[int] = []

    def advanced() -> None:
        heard.append(1)

    first = cache.inputs(version, GREY, tmp_path, advanced)
    once = len(heard)
    assert once >= 150
    again = cache.inputs(version, GREY.model_copy(update={"scale": "0..255"}), tmp_path, advanced)
    assert len(heard) == once
    assert np.array_equal(first, again)
    assert isinstance(again, np.memmap)
    cache.inputs(version, RGB, tmp_path, advanced)
    assert len(heard) >= once + 150


def test_large_pictures_are_heard_of_while_the_next_in_turn_is_not_ready(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_version(storage, counts={"cat": 20, "dog": 20})
    few = open_version(storage, "pets")
    heard = threading.Event()

    def slow(data: bytes, to: PreprocessSpec) -> NDArray[np.uint8]:
        if data == few.picture(30):
            # Given a picture of the one chunk that takes long, then the others are heard of meanwhile,
            assert heard.wait(20)
            time.sleep(4 * ASK_EVERY_S)
            heard.clear()
            # And one whose decoding never ends is not said to go on.
            assert not heard.wait(4 * ASK_EVERY_S)
        return model_input(data, to)

    monkeypatch.setattr(cache, "model_input", slow)
    assert len(cache.inputs(few, RGB, tmp_path, heard.set)) == 40


def test_one_that_is_stopped_half_way_leaves_nothing(version: DatasetVersion, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def advanced() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        cache.inputs(version, RGB, tmp_path, advanced)
    assert list(tmp_path.glob("*.npy")) + list(tmp_path.glob(".*")) == []


def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    version: DatasetVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _to: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageFull, match="to the cache: No space left on device"):
        cache.inputs(version, RGB, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("left", [0, 50, 100, 5000, None])
def test_a_damaged_array_is_written_anew(version: DatasetVersion, tmp_path: Path, left: int | None) -> None:
    whole = np.array(cache.inputs(version, RGB, tmp_path))
    (path,) = tmp_path.glob("*.npy")
    path.write_bytes(bytes(5000) if left is None else path.read_bytes()[:left])
    assert np.array_equal(cache.inputs(version, RGB, tmp_path), whole)


def test_an_array_is_on_the_disk_before_it_has_its_name(
    version: DatasetVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        sync(descriptor)
        synced.append(os.fstat(descriptor).st_size)
        assert list(tmp_path.glob("*.npy")) == []

    monkeypatch.setattr(os, "fsync", watched)
    cache.inputs(version, RGB, tmp_path)
    assert synced == [path.stat().st_size for path in tmp_path.glob("*.npy")]


def test_what_was_used_longest_ago_goes_when_it_gets_too_much(
    version: DatasetVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = [RGB.model_copy(update={"width": width}) for width in (10, 11, 12)]
    for age, spec in zip((30, 10, 20), specs, strict=True):
        cache.inputs(version, spec, tmp_path)
        newest = max(tmp_path.glob("*.npy"), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (time.time() - age, time.time() - age))
    size = next(tmp_path.glob("*.npy")).stat().st_size
    monkeypatch.setattr(cache, "CACHE_BYTES", 3 * size)
    old_part = tmp_path / ".left.part"
    old_part.write_bytes(b"")
    os.utime(old_part, (0, 0))
    # When the oldest is used again, and another one comes
    kept = cache.inputs(version, specs[0], tmp_path)
    cache.inputs(version, RGB.model_copy(update={"width": 13}), tmp_path)
    # Then the one that nobody used for the longest time is gone, and the others are read as ever
    heard: list[int] = []

    def advanced() -> None:
        heard.append(1)

    cache.inputs(version, specs[0], tmp_path, advanced)
    assert heard == []
    assert kept[149].shape == (8, 10, 3)
    assert not old_part.exists()
    cache.inputs(version, specs[2], tmp_path, advanced)
    assert heard != []


def test_a_dataset_that_was_deleted_meanwhile_is_said_in_words(version: DatasetVersion, storage: Storage) -> None:
    storage.delete("datasets/pets")
    with pytest.raises(DatasetNotFound, match="was deleted"):
        cache.inputs(version, RGB, Path(storage.url) / "cache")


def test_the_three_sides_share_no_picture_and_leave_none_out(version: DatasetVersion, tmp_path: Path) -> None:
    pictures = load_pictures(version, RGB, 0.25, tmp_path)
    sides = pictures.sides
    together = np.concatenate([sides.train, sides.validation, sides.test])
    assert sorted(together) == list(range(150))
    assert np.bincount(pictures.targets[sides.validation]).tolist() == [18, 12]
    assert np.bincount(pictures.targets[sides.test]).tolist() == [18, 12]
    assert pictures.labels == ("cat", "dog")
    assert np.array_equal(pictures.inputs_at(sides.test[:1])[0], to_input(pictures.read(int(sides.test[0])), RGB))


def test_a_class_with_one_picture_to_train_on_is_said_in_words(storage: Storage, tmp_path: Path) -> None:
    toy_version(storage, counts={"cat": 20, "dog": 2})
    with pytest.raises(TooFewPictures, match="'dog' has 1 pictures"):
        load_pictures(open_version(storage, "pets"), RGB, 0.1, tmp_path)
