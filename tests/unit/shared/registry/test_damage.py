"""What lies around in storage, a full disk and a broken pointer: the other models do not suffer."""

from __future__ import annotations

import logging

import pytest

from shared.errors import StorageFull, VersionCorrupt, VersionNotFound
from shared.registry import Registry
from shared.storage import Storage
from tests.support.full_disk import FullDisk
from tests.support.manifests import toy_manifest

FILES = {"model.keras": b"w" * 1000, "selftest.npz": b"n" * 1000}


@pytest.fixture
def registry(storage: Storage) -> Registry:
    """A registry with one served model."""
    registry = Registry(storage)
    registry.publish(toy_manifest(), FILES)
    registry.promote("pets", 1)
    return registry


@pytest.mark.parametrize(
    "stray",
    [
        "models/README.txt",
        "models/Thumbs.db",
        "models/My Models/1/manifest.json",
        "models/..%2fpets/served.json",
        "models/é/served.json",
        "models/plants",
        "models/birds/notes.txt",
        "models/birds/latest/manifest.json",
        "models/birds/01/manifest.json",
        "models/birds/99999999999999999999/manifest.json",
        "models/pets/2",
        "models/pets/1.bak/manifest.json",
    ],
)
def test_stray_files_and_folders_are_left_alone(registry: Registry, storage: Storage, stray: str) -> None:
    storage.write_bytes(stray, b"stray")

    assert registry.names() == ["pets"]
    assert registry.versions("pets") == [1]
    assert list(registry.all_served()) == ["pets"]
    assert registry.last_version("pets") == 1
    assert storage.read_bytes(stray) == b"stray"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"version": "one"}', b'{"version": 1}'])
def test_one_broken_pointer_takes_down_no_other_model(
    registry: Registry, storage: Storage, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    registry.publish(toy_manifest("birds"), FILES)
    registry.promote("birds", 1)
    storage.write_bytes("models/birds/served.json", content)

    with caplog.at_level(logging.WARNING):
        assert list(registry.all_served()) == ["pets"]
    assert "birds" in caplog.text
    assert "Promote a version" in caplog.text
    assert registry.names() == ["birds", "pets"]
    with pytest.raises(VersionCorrupt, match="pointer"):
        registry.served("birds")
    assert registry.served_version("birds") is None


def test_promoting_mends_a_broken_pointer(registry: Registry, storage: Storage) -> None:
    storage.write_bytes("models/pets/served.json", b"{")
    assert registry.promote("pets", 1).version == 1
    assert registry.served_version("pets") == 1


@pytest.mark.parametrize("room", [0, 500, 1000, 1500, 2000, 2100])
def test_a_disk_that_runs_full_while_publishing_leaves_nothing_to_see(
    tmp_path_factory: pytest.TempPathFactory, room: int
) -> None:
    disk = FullDisk(str(tmp_path_factory.mktemp("disk")), room)
    registry = Registry(disk)

    with pytest.raises(StorageFull, match="No space left"):
        registry.publish(toy_manifest(), FILES)

    assert registry.names() == []
    assert registry.versions("pets") == []
    assert registry.all_served() == {}
    # Nor does the half of it stay in the way of what comes next.
    assert disk.names("models/pets") == []
    disk.room = 10_000
    assert registry.publish(toy_manifest(), FILES).version == 1
    assert registry.verify("pets", 1)


def test_a_full_disk_leaves_the_pointer_where_it_was(tmp_path_factory: pytest.TempPathFactory) -> None:
    disk = FullDisk(str(tmp_path_factory.mktemp("disk")), 100_000)
    registry = Registry(disk)
    for version in (1, 2):
        registry.publish(toy_manifest(version=version), FILES)
    before = registry.promote("pets", 1)
    disk.room = 10
    with pytest.raises(StorageFull):
        registry.promote("pets", 2)
    assert registry.served("pets") == before


def test_only_the_files_that_are_asked_for_are_checked(registry: Registry, storage: Storage) -> None:
    storage.write_bytes("models/pets/1/selftest.npz", b"other")
    registry.verify("pets", 1, ["model.keras"])
    with pytest.raises(VersionCorrupt, match=r"selftest\.npz is damaged"):
        registry.verify("pets", 1)
    with pytest.raises(VersionCorrupt, match="not among the files"):
        registry.verify("pets", 1, ["model.onnx"])


def test_a_version_that_lost_a_file_has_no_local_folder(registry: Registry, storage: Storage) -> None:
    storage.delete("models/pets/1/selftest.npz")
    folder = registry.local_folder("pets", 1, ["model.keras"])
    assert {"manifest.json", "model.keras"} <= {path.name for path in folder.iterdir()}
    with pytest.raises(VersionCorrupt, match="missing"):
        registry.local_folder("pets", 1)


def test_a_version_without_a_manifest_is_not_there(registry: Registry, storage: Storage) -> None:
    storage.write_bytes("models/pets/2/model.keras", b"half")
    assert registry.versions("pets") == [1]
    with pytest.raises(VersionNotFound):
        registry.promote("pets", 2)
