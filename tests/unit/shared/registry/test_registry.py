"""Versions appear whole or not at all, never change, and a damaged one is never served. On a folder, memory and S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from shared.errors import FileNotKept, ModelNotFound, StorageUnavailable, VersionCorrupt, VersionExists, VersionNotFound
from shared.registry import Registry, Sample
from shared.storage import Storage
from tests.support.manifests import toy_manifest

FILES = {"model.keras": b"weights", "selftest.npz": b"numbers"}


@pytest.fixture
def registry(storage: Storage) -> Registry:
    return Registry(storage)


def test_a_published_version_comes_back_as_it_was_written(registry: Registry) -> None:
    manifest = toy_manifest().model_copy(update={"samples": [Sample(file="sample-0.webp", label="cat")]})
    written = registry.publish(manifest, FILES)
    assert registry.manifest("pets", 1) == written
    assert written.files["model.keras"].bytes == 7
    assert registry.verify("pets", 1) == written
    assert registry.file("pets", 1, "model.keras") == b"weights"
    assert b'"name": "pets"' in registry.file("pets", 1, "manifest.json")
    folder = registry.local_folder("pets", 1)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *FILES}


def test_an_empty_registry_has_nothing(registry: Registry) -> None:
    assert registry.names() == []
    assert registry.versions("pets") == []
    assert registry.served("pets") is None
    assert registry.all_served() == {}


def test_versions_are_sorted_by_number(registry: Registry) -> None:
    for version in (10, 2, 1):
        registry.publish(toy_manifest(version=version), FILES)
    assert registry.versions("pets") == [1, 2, 10]
    assert registry.names() == ["pets"]


def test_what_is_not_there_is_named(registry: Registry) -> None:
    registry.publish(toy_manifest(), FILES)
    with pytest.raises(VersionNotFound, match="no version 2"):
        registry.manifest("pets", 2)
    with pytest.raises(ModelNotFound, match="'plants'"):
        registry.manifest("plants", 1)
    with pytest.raises(FileNotKept, match=r"keeps manifest\.json, model\.keras"):
        registry.file("pets", 1, "served.json")


@pytest.mark.parametrize("name", ["../pets", "", "Pets", "a/b", "pets\n", "x" * 65])
def test_a_name_that_no_model_can_have_makes_no_path(registry: Registry, name: str) -> None:
    for ask in (registry.versions, registry.served, lambda n: registry.manifest(n, 1)):
        with pytest.raises(ModelNotFound):
            ask(name)


def test_a_version_is_not_there_until_its_manifest_is(registry: Registry, storage: Storage) -> None:
    @contextmanager
    def fail_at_the_manifest(path: str) -> Iterator[BinaryIO]:
        if path.endswith("manifest.json"):
            raise StorageUnavailable("the disk is full")
        with Storage.open_write(storage, path) as file:
            yield file

    storage.open_write = fail_at_the_manifest  # type: ignore[method-assign]
    with pytest.raises(StorageUnavailable):
        registry.publish(toy_manifest(), {**FILES, "leftover.txt": b""})
    assert registry.versions("pets") == []
    assert registry.names() == []

    # The same number again takes the place of what was left.
    del storage.open_write
    registry.publish(toy_manifest(), FILES)
    assert storage.names("models/pets/1") == ["manifest.json", "model.keras", "selftest.npz"]


def test_a_version_never_changes(registry: Registry) -> None:
    registry.publish(toy_manifest(), FILES)
    with pytest.raises(VersionExists):
        registry.publish(toy_manifest(), {"model.keras": b"others"})
    assert registry.file("pets", 1, "model.keras") == b"weights"


def test_promoting_moves_the_pointer_and_remembers_the_way_back(registry: Registry) -> None:
    for version in (1, 2):
        registry.publish(toy_manifest(version=version), FILES)
    first = registry.promote("pets", 1)
    assert (first.version, first.previous_version) == (1, None)
    second = registry.promote("pets", 2)
    assert (second.version, second.previous_version) == (2, 1)
    assert registry.promote("pets", 2) == second
    assert registry.served("pets") == second
    assert registry.all_served() == {"pets": second}


def test_who_answered_when_is_kept_in_order(registry: Registry) -> None:
    for version in (1, 2):
        registry.publish(toy_manifest(version=version), FILES)
    assert registry.periods("pets") == []
    first, second, third = (registry.promote("pets", version) for version in (1, 2, 1))
    periods = registry.periods("pets")
    assert [period.version for period in periods] == [1, 2, 1]
    assert [period.since for period in periods] == [third.promoted_at, second.promoted_at, first.promoted_at]
    assert [period.until for period in periods] == [None, third.promoted_at, second.promoted_at]
    assert [period.version for period in registry.periods("pets", most=2)] == [1, 2]


def test_a_promotion_that_broke_off_is_no_period(registry: Registry, storage: Storage) -> None:
    registry.publish(toy_manifest(), FILES)
    registry.promote("pets", 1)
    # Given that its pointer was kept for a successor, and the process died before that got the place
    served = storage.read_bytes("models/pets/served.json")
    pointer = registry.served("pets")
    assert pointer is not None
    storage.write_bytes(f"models/pets/earlier/{pointer.file}", served)
    assert [(period.version, period.until) for period in registry.periods("pets")] == [(1, None)]


def test_a_damaged_piece_of_the_past_hides_no_other(registry: Registry, storage: Storage) -> None:
    for version in (1, 2):
        registry.publish(toy_manifest(version=version), FILES)
    for version in (1, 2, 1):
        registry.promote("pets", version)
    oldest, _ = storage.names("models/pets/earlier")
    storage.write_bytes(f"models/pets/earlier/{oldest}", b"{")
    assert [period.version for period in registry.periods("pets")] == [1, 2]
    assert registry.versions("pets") == [1, 2]


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_version_is_not_promoted(registry: Registry, storage: Storage, damage: str) -> None:
    for version in (1, 2):
        registry.publish(toy_manifest(version=version), FILES)
    before = registry.promote("pets", 1)
    if damage == "changed":
        storage.write_bytes("models/pets/2/model.keras", b"weightz")
    else:
        storage.delete("models/pets/2/model.keras")
    with pytest.raises(VersionCorrupt, match=r"model\.keras"):
        registry.promote("pets", 2)
    with pytest.raises(VersionCorrupt):
        registry.file("pets", 2, "model.keras")
    assert registry.served("pets") == before


def test_a_manifest_that_cannot_be_read_is_corrupt(registry: Registry, storage: Storage) -> None:
    storage.write_bytes("models/pets/1/manifest.json", b"{")
    with pytest.raises(VersionCorrupt):
        registry.manifest("pets", 1)
    registry.publish(toy_manifest(version=2), FILES)
    storage.write_bytes("models/pets/3/manifest.json", storage.read_bytes("models/pets/2/manifest.json"))
    with pytest.raises(VersionCorrupt, match="another version"):
        registry.manifest("pets", 3)


def test_a_file_name_that_is_a_path_is_refused(registry: Registry) -> None:
    with pytest.raises(ValueError, match="files"):
        registry.publish(toy_manifest(), {"../model.keras": b""})
    assert registry.names() == []
