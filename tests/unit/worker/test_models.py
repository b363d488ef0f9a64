"""Loading, following and dropping versions, with a toy engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import ItemModelNotFound
from shared.registry import Registry
from shared.storage import Storage
from tests.support.engines import brightness, publish_toy
from worker.loaded import LoadedModel, SelfTestFailed, load
from worker.models import Models


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(Storage(str(tmp_path)))


def load_toy(registry: Registry, name: str, version: int) -> LoadedModel:
    return load(registry, name, version, brightness)


def models_of(registry: Registry, memory_bytes: int = 1_000_000) -> Models:
    return Models(registry, lambda name, version: load_toy(registry, name, version), memory_bytes)


def test_a_version_whose_answers_differ_from_its_self_test_is_refused(registry: Registry) -> None:
    publish_toy(registry, honest=False)
    with pytest.raises(SelfTestFailed, match="differs by 1"):
        load_toy(registry, "pets", 1)


def test_a_served_version_is_loaded_before_anybody_asks(registry: Registry) -> None:
    publish_toy(registry)
    registry.promote("pets", 1)
    models = models_of(registry)
    models.follow()
    assert models.describe() == [{"name": "pets", "version": 1, "state": "ready", "engine": "toy"}]
    assert models.get("pets").version == 1


def test_a_new_pointer_is_followed_and_the_old_version_still_answers_for_pins(registry: Registry) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2)
    registry.promote("pets", 1)
    models = models_of(registry)
    models.follow()
    registry.promote("pets", 2)
    models.follow()
    assert models.get("pets").version == 2
    assert models.get("pets", 1).version == 1


def test_while_a_new_version_fails_to_load_the_old_one_keeps_serving(registry: Registry) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2, honest=False)
    registry.promote("pets", 1)
    models = models_of(registry)
    models.follow()
    registry.promote("pets", 2)
    models.follow()
    assert models.get("pets").version == 1
    failed = [state for state in models.describe() if state["state"] == "failed_to_load"]
    assert [state["version"] for state in failed] == [2]
    assert "differs" in failed[0]["reason"]


def test_an_unknown_model_or_version_is_the_item_s_error(registry: Registry) -> None:
    publish_toy(registry)
    models = models_of(registry)
    for name, version in (("birds", None), ("pets", 9), ("../etc", None)):
        with pytest.raises(ItemModelNotFound):
            models.get(name, version)


def test_the_version_unused_for_longest_goes_when_memory_runs_out(registry: Registry) -> None:
    for version in (1, 2, 3):
        publish_toy(registry, version)
    size = load_toy(registry, "pets", 1).bytes
    models = models_of(registry, memory_bytes=2 * size)
    for version in (1, 2, 1, 3):
        models.get("pets", version)
    assert sorted(state["version"] for state in models.describe()) == [1, 3]


def test_two_served_models_with_room_for_one_take_turns(registry: Registry) -> None:
    for name in ("pets", "birds"):
        publish_toy(registry, name=name)
        registry.promote(name, 1)
    models = models_of(registry, memory_bytes=load_toy(registry, "pets", 1).bytes)
    models.follow()
    for name in ("pets", "birds", "pets", "birds"):
        assert models.get(name).name == name
        assert [state["name"] for state in models.describe()] == [name]
        # What is served and was dropped is loaded again when asked for, and not before.
        models.follow()
        assert [state["name"] for state in models.describe()] == [name]


def test_a_served_version_outlives_those_that_only_jobs_ask_for(registry: Registry) -> None:
    for version in (1, 2, 3):
        publish_toy(registry, version)
    registry.promote("pets", 1)
    models = models_of(registry, memory_bytes=2 * load_toy(registry, "pets", 1).bytes)
    models.follow()
    for version in (2, 3):
        models.get("pets", version)
    assert sorted(state["version"] for state in models.describe()) == [1, 3]


def test_a_pinned_version_answers_while_another_goes_live_and_pushes_it_out(registry: Registry) -> None:
    for version in (1, 2):
        publish_toy(registry, version)
    registry.promote("pets", 1)
    models = models_of(registry, memory_bytes=load_toy(registry, "pets", 1).bytes)
    models.follow()
    registry.promote("pets", 2)
    models.follow()
    assert [state["version"] for state in models.describe()] == [2]
    assert models.get("pets", 1).version == 1
    assert models.get("pets").version == 2


def test_what_cannot_be_loaded_pushes_nothing_out(registry: Registry) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2, honest=False)
    models = models_of(registry, memory_bytes=1)
    models.get("pets", 1)
    with pytest.raises(ItemModelNotFound):
        models.get("pets", 2)
    assert [state["version"] for state in models.describe() if state["state"] == "ready"] == [1]
