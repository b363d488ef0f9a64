"""What becomes of a published version, by the verdict it was published with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.errors import VersionCorrupt
from shared.registry import GateVerdict, Manifest, Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from trainer.promotion import settle

FILES = {"model.keras": b"weights"}


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


@pytest.fixture
def registry(storage: Storage) -> Registry:
    """A registry with one served version."""
    registry = Registry(storage)
    registry.publish(toy_manifest(), FILES)
    registry.promote("pets", 1)
    return registry


def published(registry: Registry, version: int, **fields: Any) -> Manifest:
    """Publishes a version with a verdict."""
    fields = {"policy": "if_better", "passed": True, "champion": 1, "code": "better", **fields}
    verdict = GateVerdict(reason="It said so.", accuracy=0.9, champion_accuracy=0.8, count=10, rules=[], **fields)
    return registry.publish(toy_manifest(version=version).model_copy(update={"gate": verdict}), FILES)


@pytest.mark.parametrize(
    ("policy", "passed", "promoted", "words"),
    [
        ("if_better", True, True, "Version 2 is served. It said so."),
        ("if_better", False, False, "Version 2 is not served. It said so."),
        ("always", True, True, "Version 2 is served, as promote is always; it passes the gate. It said so."),
        ("always", False, True, "Version 2 is served, as promote is always; it does not pass the gate. It said so."),
        ("never", True, False, "Version 2 is not served, as promote is never; it passes the gate. It said so."),
    ],
)
def test_the_verdict_decides(registry: Registry, policy: str, passed: bool, promoted: bool, words: str) -> None:
    manifest = published(registry, 2, policy=policy, passed=passed)

    settled = settle(registry, manifest)

    assert (settled.promoted, settled.reason) == (promoted, words)
    assert registry.served_version("pets") == (2 if promoted else 1)


def test_a_second_attempt_comes_to_the_same(registry: Registry) -> None:
    manifest = published(registry, 2)
    assert settle(registry, manifest) == settle(registry, manifest)
    served = registry.served("pets")
    assert served is not None
    assert (served.version, served.previous_version) == (2, 1)


def test_a_verdict_against_a_version_that_is_served_no_more_moves_nothing(registry: Registry) -> None:
    late = published(registry, 2)
    published(registry, 3)
    registry.promote("pets", 3)

    settled = settle(registry, late)

    assert not settled.promoted
    assert "version 1, and version 3 is served now" in settled.reason
    assert registry.served_version("pets") == 3


def test_the_first_version_is_served(registry: Registry) -> None:
    first = published(registry, 1 + 1, champion=None, code="first_version")
    other = registry.publish(first.model_copy(update={"name": "birds", "version": 1}), FILES)
    assert settle(registry, other).promoted
    assert registry.served_version("birds") == 1


def test_a_version_without_a_verdict_is_not_served_by_itself(registry: Registry) -> None:
    settled = settle(registry, registry.publish(toy_manifest(version=2), FILES))
    assert not settled.promoted
    assert "without asking the gate" in settled.reason


def test_a_version_that_was_damaged_meanwhile_moves_nothing(registry: Registry, storage: Storage) -> None:
    manifest = published(registry, 2)
    storage.write_bytes("models/pets/2/model.keras", b"other")
    with pytest.raises(VersionCorrupt):
        settle(registry, manifest)
    assert registry.served_version("pets") == 1
