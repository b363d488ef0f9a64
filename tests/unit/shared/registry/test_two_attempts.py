"""Two attempts of one job that publish at once: the first stood still in a write, and was held to be dead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO

import pytest

from shared.errors import StorageUnavailable, VersionExists
from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from trainer.publishing.published import published_once


class StandsStill(Storage):
    """A storage with which time passes in the write of one file."""

    def __init__(self, url: str, at: str, meanwhile: Callable[[], None]) -> None:
        super().__init__(url)
        self._at = at
        self._meanwhile = meanwhile

    @contextmanager
    def open_write(self, path: str) -> Iterator[BinaryIO]:
        if path.endswith(self._at):
            self._meanwhile()
        with super().open_write(path) as file:
            yield file


def files(attempt: bytes) -> dict[str, bytes]:
    """Returns files that say when they were made, as the card and the bundle do."""
    return {"model.keras": b"weights", "model-card.md": b"made " + attempt, "bundle.zip": b"made " + attempt}


def publish_again(storage: Storage) -> None:
    """Does what the second attempt does."""
    later = toy_manifest().model_copy(update={"created_at": datetime(2026, 3, 2, tzinfo=UTC)})
    Registry(storage).publish(later, files(b"later"))


@pytest.mark.parametrize("at", ["model.keras", "model-card.md", "bundle.zip", "manifest.json"])
def test_the_first_one_changes_nothing_when_it_goes_on(storage: Storage, at: str) -> None:
    stood_still = StandsStill(storage.url, at, lambda: publish_again(storage))
    with pytest.raises(VersionExists):
        Registry(stood_still).publish(toy_manifest(), files(b"sooner"))
    assert Registry(storage).verify("pets", 1).created_at.day == 2
    assert Registry(storage).file("pets", 1, "bundle.zip") == b"made later"


def test_one_that_fails_then_leaves_the_other_s_version_alone(storage: Storage) -> None:
    def fail() -> None:
        publish_again(storage)
        raise StorageUnavailable("writing bundle.zip: the connection is gone")

    with pytest.raises(StorageUnavailable):
        Registry(StandsStill(storage.url, "bundle.zip", fail)).publish(toy_manifest(), files(b"sooner"))
    assert Registry(storage).verify("pets", 1)


def test_the_one_that_comes_too_late_has_the_version_all_the_same(storage: Storage) -> None:
    """Its job did not fail: what it was to make is there."""
    registry, manifest = Registry(storage), toy_manifest()
    stood_still = Registry(StandsStill(storage.url, "manifest.json", lambda: publish_again(storage)))

    def make() -> None:
        stood_still.publish(manifest, files(b"sooner"))

    found = published_once(registry, "pets", 1, manifest.job_id, make)
    assert found == registry.manifest("pets", 1)
    with pytest.raises(VersionExists, match="published by the job"):
        published_once(registry, "pets", 1, "another", make)


def test_a_version_that_was_deleted_is_not_made_again(storage: Storage) -> None:
    registry, manifest = Registry(storage), toy_manifest()
    registry.publish(manifest, {})
    registry.delete("pets", 1)
    with pytest.raises(VersionExists, match="was deleted"):
        published_once(registry, "pets", 1, manifest.job_id, lambda: registry.publish(manifest, {}))
