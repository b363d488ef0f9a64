from __future__ import annotations

from pathlib import Path

import pytest

from shared.datasets import DatasetStore
from shared.datasets.layout import INDEX, MANIFEST, file_path, newest_path
from shared.errors import DatasetNotFound, DatasetVersionNotFound, FileNotKept, LoupeError, VersionCorrupt
from shared.storage import Storage
from tests.support.toy_versions import toy_version


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return DatasetStore(Storage(str(tmp_path)))


def test_names_versions_and_the_newest(store: DatasetStore) -> None:
    first = toy_version(store.storage, "pets")
    second = toy_version(store.storage, "pets", {"cat": 21, "dog": 20})
    toy_version(store.storage, "cars")

    assert store.names() == ["cars", "pets"]
    assert [version.version for version in store.versions("pets")] == [first.version, second.version]
    newest = store.newest("pets")
    assert newest is not None
    assert newest.version == second.version
    assert store.manifest("pets") == second
    assert store.manifest("pets", first.version) == store.manifest(f"pets@{first.version}") == first
    assert first.pictures.total == 40


def test_what_is_not_there(store: DatasetStore) -> None:
    assert (store.names(), store.versions("pets"), store.newest("pets")) == ([], [], None)
    with pytest.raises(DatasetNotFound, match="'pets'"):
        store.manifest("pets")
    with pytest.raises(DatasetNotFound):
        store.delete("pets")
    toy_version(store.storage, "pets")
    for version in ("0" * 12, "x", "../../other", "0" * 13):
        with pytest.raises(DatasetVersionNotFound):
            store.manifest("pets", version)


@pytest.mark.parametrize("name", ["", "..", "Pets", "a/b", "x" * 65, "pets\n"])
def test_a_name_that_no_dataset_can_have_makes_no_path(store: DatasetStore, name: str) -> None:
    for ask in (store.newest, store.versions, store.manifest, store.delete):
        with pytest.raises(DatasetNotFound):
            ask(name)


def test_files_are_checked_and_packs_are_kept_back(store: DatasetStore) -> None:
    manifest = toy_version(store.storage, "pets")
    assert len(store.file("pets", manifest.version, INDEX)) == manifest.files[INDEX].bytes
    assert store.file("pets", manifest.version, MANIFEST).startswith(b"{")
    for file in ("pack-000.bin", "../manifest.json", "nothing"):
        with pytest.raises(FileNotKept, match=r"index\.npz"):
            store.file("pets", manifest.version, file)
    store.storage.write_bytes(file_path("pets", manifest.version, INDEX), b"damaged")
    with pytest.raises(VersionCorrupt, match="SHA-256 differs"):
        store.file("pets", manifest.version, INDEX)
    store.storage.delete(file_path("pets", manifest.version, INDEX))
    with pytest.raises(VersionCorrupt, match="is missing"):
        store.file("pets", manifest.version, INDEX)


def test_a_version_without_its_manifest_is_none(store: DatasetStore) -> None:
    manifest = toy_version(store.storage, "pets")
    store.storage.delete(file_path("pets", manifest.version, MANIFEST))
    assert store.versions("pets") == []
    with pytest.raises(DatasetVersionNotFound):
        store.manifest("pets")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_what_cannot_be_read_is_corrupt(store: DatasetStore, content: bytes) -> None:
    manifest = toy_version(store.storage, "pets")
    other = toy_version(store.storage, "cars")
    store.storage.write_bytes(file_path("pets", manifest.version, MANIFEST), content)
    with pytest.raises(VersionCorrupt):
        store.manifest("pets")
    whole = store.file("cars", other.version, MANIFEST)
    store.storage.write_bytes(file_path("pets", manifest.version, MANIFEST), whole)
    with pytest.raises(VersionCorrupt, match="another version"):
        store.manifest("pets", manifest.version)
    store.storage.write_bytes(newest_path("pets"), content)
    with pytest.raises(VersionCorrupt):
        store.newest("pets")
    # It can be deleted all the same.
    store.delete("pets")
    assert store.names() == ["cars"]


def test_a_half_deleted_dataset_is_not_seen(store: DatasetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    toy_version(store.storage, "pets")
    deleted: list[str] = []
    delete = store.storage.delete

    def dying(path: str) -> None:
        if len(deleted) == 2:
            raise LoupeError("the process died")
        deleted.append(path)
        delete(path)

    monkeypatch.setattr(store.storage, "delete", dying)
    with pytest.raises(LoupeError):
        store.delete("pets")
    assert (store.names(), store.versions("pets")) == ([], [])
