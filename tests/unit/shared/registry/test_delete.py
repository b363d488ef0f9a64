"""A deleted version is gone, and its number is never given again."""

from __future__ import annotations

import pytest

from shared.errors import InUse, ModelNotFound, VersionExists, VersionNotFound
from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest

FILES = {"model.keras": b"weights"}


@pytest.fixture
def registry(storage: Storage) -> Registry:
    """A registry with two versions, the first one served."""
    registry = Registry(storage)
    for version in (1, 2):
        registry.publish(toy_manifest(version=version), FILES)
    registry.promote("pets", 1)
    return registry


def test_a_deleted_version_is_gone_with_its_files(registry: Registry, storage: Storage) -> None:
    registry.delete("pets", 2)

    assert registry.versions("pets") == [1]
    assert storage.names("models/pets/2") == []
    for ask in (registry.manifest, registry.promote, registry.delete):
        with pytest.raises(VersionNotFound):
            ask("pets", 2)


def test_its_number_is_not_given_again(registry: Registry) -> None:
    registry.delete("pets", 2)

    assert registry.last_version("pets") == 2
    with pytest.raises(VersionExists, match="deleted"):
        registry.publish(toy_manifest(version=2), FILES)
    assert registry.publish(toy_manifest(version=3), FILES).version == 3


def test_the_served_version_is_not_deleted(registry: Registry) -> None:
    with pytest.raises(InUse, match="Promote another one first"):
        registry.delete("pets", 1)
    assert registry.verify("pets", 1)


def test_a_damaged_version_can_be_deleted(registry: Registry, storage: Storage) -> None:
    storage.write_bytes("models/pets/2/manifest.json", b"{")
    registry.delete("pets", 2)
    assert registry.versions("pets") == [1]


def test_what_is_not_there_cannot_be_deleted(registry: Registry) -> None:
    with pytest.raises(VersionNotFound):
        registry.delete("pets", 9)
    for name in ("birds", "../pets"):
        with pytest.raises(ModelNotFound):
            registry.delete(name, 1)


def test_a_deletion_that_was_cut_short_is_finished_by_the_next(registry: Registry, storage: Storage) -> None:
    storage.write_bytes("models/pets/deleted/2", b"{}")
    assert registry.versions("pets") == [1]
    registry.delete("pets", 2)
    assert storage.names("models/pets/2") == []
