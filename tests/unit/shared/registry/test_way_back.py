"""The served pointer goes back when no worker can load what it names."""

from __future__ import annotations

import pytest

from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest

FILES = {"model.keras": b"weights"}


@pytest.fixture
def registry(storage: Storage) -> Registry:
    registry = Registry(storage)
    for version in (1, 2, 3):
        registry.publish(toy_manifest(version=version), FILES)
    registry.promote("pets", 1)
    return registry


def test_the_pointer_goes_back_and_says_why(registry: Registry) -> None:
    served = registry.promote("pets", 2)
    back = registry.go_back("pets", served, 1, "It answers otherwise.")
    assert back == registry.served("pets")
    assert back is not None
    # There is no way back from here: what answered before cannot be loaded.
    assert (back.version, back.previous_version) == (1, None)
    assert back.refusal(2) == back.instead_of
    periods = [(period.version, period.refused) for period in registry.periods("pets")]
    assert periods == [(1, None), (2, "It answers otherwise."), (1, None)]


def test_a_pointer_that_somebody_moved_meanwhile_stays(registry: Registry) -> None:
    served = registry.promote("pets", 2)
    registry.promote("pets", 3)
    registry.promote("pets", 2)
    assert registry.go_back("pets", served, 1, "It answers otherwise.") is None
    assert registry.served_version("pets") == 2


def test_a_refused_version_that_is_promoted_again_has_a_new_chance(registry: Registry) -> None:
    registry.go_back("pets", registry.promote("pets", 2), 1, "It answers otherwise.")
    served = registry.promote("pets", 2)
    assert served.refusal(2) is None
    assert served.instead_of is None
    assert registry.way_back("pets", served) == 1


def test_the_way_back_leads_past_what_was_refused_or_deleted(registry: Registry) -> None:
    registry.promote("pets", 2)
    served = registry.promote("pets", 3)
    assert registry.way_back("pets", served) == 2
    back = registry.go_back("pets", served, 2, "It answers otherwise.")
    assert back is not None
    assert back.previous_version == 1
    again = registry.promote("pets", 1)
    registry.delete("pets", 2)
    assert registry.way_back("pets", again) is None


def test_the_first_version_has_no_way_back(registry: Registry) -> None:
    served = registry.served("pets")
    assert served is not None
    assert registry.way_back("pets", served) is None


def test_a_pointer_of_an_earlier_release_is_followed_by_others(registry: Registry, storage: Storage) -> None:
    old = b'{"version": 2, "previous_version": 1, "promoted_at": "2026-03-01T00:00:00Z"}'
    storage.write_bytes("models/pets/served.json", old)
    assert registry.promote("pets", 3).previous_version == 2
