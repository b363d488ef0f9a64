"""The same tests on a folder, in memory and on S3, which has neither folders nor renames."""

from __future__ import annotations

import errno
import os
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from shared.errors import StorageFull, StorageUnavailable
from shared.storage import Storage


def test_what_was_written_is_read_back(storage: Storage) -> None:
    storage.write_bytes("models/pets/1/manifest.json", b"{}")
    assert storage.read_bytes("models/pets/1/manifest.json") == b"{}"
    assert storage.exists("models/pets/1/manifest.json")
    assert storage.exists("models/pets")


def test_a_part_of_a_file_is_read(storage: Storage) -> None:
    storage.write_bytes("datasets/pets/pack", b"0123456789")
    assert storage.read_range("datasets/pets/pack", 3, 4) == b"3456"
    assert storage.read_range("datasets/pets/pack", 8, 4) == b"89"
    with pytest.raises(FileNotFoundError):
        storage.read_range("datasets/pets/none", 0, 1)


def test_a_later_write_replaces_an_earlier_one(storage: Storage) -> None:
    storage.write_bytes("a/b", b"long content")
    storage.write_bytes("a/b", b"short")
    assert storage.read_bytes("a/b") == b"short"


def test_a_missing_file_is_told_from_a_storage_that_does_not_answer(storage: Storage) -> None:
    for read in (storage.read_bytes, storage.local_path):
        with pytest.raises(FileNotFoundError):
            read("not/there")
    with pytest.raises(FileNotFoundError), storage.open_read("not/there"):
        pass
    assert not storage.exists("not/there")


def test_names_are_sorted_and_only_those_directly_below(storage: Storage) -> None:
    for path in ("m/b/1/x", "m/a/1/x", "m/c", "other/x"):
        storage.write_bytes(path, b"")
    assert storage.names("m") == ["a", "b", "c"]
    assert storage.names() == ["m", "other"]
    assert storage.names("m/c") == []
    assert storage.names("nothing/here") == []


def test_deleting_takes_a_file_or_a_tree_and_does_not_mind_a_missing_one(storage: Storage) -> None:
    storage.write_bytes("m/a/1/x", b"")
    storage.write_bytes("m/a/2/x", b"")
    storage.delete("m/a/1/x")
    assert storage.names("m/a/2") == ["x"]
    storage.delete("m")
    storage.delete("m")
    assert storage.names() == []


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(storage: Storage) -> None:
    storage.write_bytes("m/x", b"old")
    with suppress(KeyError), storage.open_write("m/x") as file:
        file.write(b"half of the n")
        raise KeyError
    assert storage.read_bytes("m/x") == b"old"
    assert storage.names("m") == ["x"]


def test_a_file_is_not_seen_before_it_is_whole(storage: Storage) -> None:
    with storage.open_write("m/x") as file:
        file.write(b"new")
        assert storage.names("m") == []
        assert not storage.exists("m/x")
    with storage.open_read("m/x") as readable:
        assert readable.read() == b"new"


def test_a_local_path_follows_the_content(storage: Storage) -> None:
    storage.write_bytes("m/model.keras", b"one")
    first = storage.local_path("m/model.keras")
    assert first.read_bytes() == b"one"
    assert first.suffix == ".keras"
    storage.write_bytes("m/model.keras", b"number two")
    assert storage.local_path("m/model.keras").read_bytes() == b"number two"


def test_local_files_of_one_folder_lie_together(storage: Storage) -> None:
    storage.write_bytes("m/1/a.txt", b"a")
    storage.write_bytes("m/1/b.txt", b"b")
    assert storage.local_path("m/1/a.txt").with_name("b.txt") == storage.local_path("m/1/b.txt")


def test_check_passes_on_a_storage_that_works(storage: Storage) -> None:
    storage.check()
    assert storage.names() == []


@pytest.mark.parametrize("path", ["/etc/passwd", "a/../b", "a//b", "..", "a\\b", "a/", "a\0b"])
def test_paths_that_leave_the_storage_are_refused(storage: Storage, path: str) -> None:
    with pytest.raises(ValueError, match="expected a relative path"):
        storage.write_bytes(path, b"")


def test_the_storage_itself_is_never_deleted(storage: Storage) -> None:
    with pytest.raises(ValueError, match="the storage itself"):
        storage.delete("")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    broken = Storage(str(tmp_path / "file" / "storage"))
    for act in (broken.check, lambda: broken.write_bytes("a", b""), lambda: broken.read_bytes("a")):
        with pytest.raises(StorageUnavailable):
            act()


def test_a_full_disk_is_told_from_one_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(str(tmp_path))
    for number, kind in ((errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, StorageUnavailable)):

        def refuse(_part: Path, _to: Path, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(Path, "replace", refuse)
        with pytest.raises(kind, match="writing a: ") as caught:
            storage.write_bytes("a", b"")
        assert type(caught.value) is kind
        assert storage.names() == []


def test_a_remote_storage_without_an_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoCredentials(Exception):
        pass

    def refuse(*_args: object, **_options: object) -> bytes:
        raise NoCredentials("no credentials")

    storage = Storage(f"memory://{uuid.uuid4().hex}")
    monkeypatch.setattr(storage._fs, "cat_file", refuse, raising=True)
    with pytest.raises(StorageUnavailable, match="NoCredentials"):
        storage.read_bytes("a")


def test_a_folder_is_used_in_place(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    storage.write_bytes("a/b.txt", b"x")
    assert storage.local_path("a/b.txt") == tmp_path / "a" / "b.txt"


def test_a_file_where_a_folder_is_looked_for_is_a_missing_file(storage: Storage) -> None:
    storage.write_bytes("m/stray", b"x")
    for read in (storage.read_bytes, storage.local_path):
        with pytest.raises(FileNotFoundError):
            read("m/stray/manifest.json")
    assert not storage.exists("m/stray/manifest.json")
    assert storage.names("m/stray") == []


def test_a_large_file_comes_back_whole(storage: Storage) -> None:
    data = bytes(range(256)) * 40_000
    with storage.open_write("large") as file:
        for start in range(0, len(data), 1_000_000):
            file.write(data[start : start + 1_000_000])
    assert storage.local_path("large").read_bytes() == data
    with storage.open_read("large") as readable:
        assert readable.read(10) == data[:10]


def test_a_storage_that_is_a_file_for_a_moment_is_away_and_not_empty(tmp_path: Path) -> None:
    folder = tmp_path / "storage"
    storage = Storage(str(folder))
    # Before the first write there is none yet
    assert storage.names("models") == []
    assert not storage.exists("models/pets")
    folder.touch()
    for look in (storage.names, storage.exists):
        with pytest.raises(StorageUnavailable):
            look("models")
