"""Loading, following and dropping versions, with a toy engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.errors import ItemModelNotFound
from shared.registry import Registry
from shared.storage import Storage
from tests.support.engines import brightness, publish_toy
from worker import models as models_module
from worker.following import Following
from worker.loaded import LoadedModel, SelfTestFailed, load
from worker.loads import LoadKills
from worker.models import Models


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(Storage(str(tmp_path)))


def load_toy(registry: Registry, name: str, version: int) -> LoadedModel:
    return load(registry, name, version, brightness)


def models_of(registry: Registry, memory_bytes: int = 1_000_000) -> Models:
    return Models(registry, lambda name, version: load_toy(registry, name, version), memory_bytes)


def follow(registry: Registry, models: Models) -> None:
    """Has the worker look at the served pointers."""
    Following(registry, models, lambda: None).follow()


def states(models: Models) -> dict[int, str]:
    return {state["version"]: state["state"] for state in models.describe()}


def test_a_version_whose_answers_differ_from_its_self_test_is_refused(registry: Registry) -> None:
    publish_toy(registry, honest=False)
    with pytest.raises(SelfTestFailed, match="differs by 1"):
        load_toy(registry, "pets", 1)


def test_a_served_version_is_loaded_before_anybody_asks(registry: Registry) -> None:
    publish_toy(registry)
    registry.promote("pets", 1)
    models = models_of(registry)
    follow(registry, models)
    assert models.describe() == [
        {"name": "pets", "version": 1, "state": "ready", "engine": "toy", "serving": True},
    ]
    assert models.get("pets").version == 1


def test_a_new_pointer_is_followed_and_the_old_version_dropped_until_a_pin_asks(registry: Registry) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2)
    registry.promote("pets", 1)
    models = models_of(registry)
    follow(registry, models)
    registry.promote("pets", 2)
    follow(registry, models)
    assert models.get("pets").version == 2
    assert states(models) == {2: "ready"}
    assert models.get("pets", 1).version == 1
    assert [state["version"] for state in models.describe() if state["serving"]] == [2]


def test_while_a_new_version_fails_to_load_the_old_one_keeps_serving(registry: Registry) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2, honest=False)
    registry.promote("pets", 1)
    models = models_of(registry)
    follow(registry, models)
    registry.promote("pets", 2)
    follow(registry, models)
    assert models.get("pets").version == 1
    failed = [state for state in models.describe() if state["state"] == "failed_to_load"]
    assert [state["version"] for state in failed] == [2]
    assert "differs" in failed[0]["reason"]
    # The scheduler compares this with the pointer: the version was tried since it was promoted.
    served = registry.served("pets")
    assert served is not None
    assert failed[0]["promotion"] == served.promoted_at.isoformat()


def test_why_a_version_did_not_load_is_forgotten_unless_it_is_served(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2, 3):
        publish_toy(registry, version, honest=version == 1)
    registry.promote("pets", 1)
    models = models_of(registry)
    with pytest.raises(ItemModelNotFound):
        models.get("pets", 3)
    registry.promote("pets", 2)
    follow(registry, models)
    assert states(models) == {1: "ready", 2: "failed_to_load", 3: "failed_to_load"}
    monkeypatch.setattr(models_module, "FORGET_AFTER_S", 0.0)
    follow(registry, models)
    assert states(models) == {1: "ready", 2: "failed_to_load"}


def test_a_worker_that_starts_on_a_broken_version_serves_the_one_before(registry: Registry) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2, honest=False)
    registry.promote("pets", 1)
    registry.promote("pets", 2)
    # Also when a picture comes before the worker has looked at the pointers.
    assert models_of(registry).get("pets").version == 1
    models = models_of(registry)
    follow(registry, models)
    assert states(models) == {1: "ready", 2: "failed_to_load"}


def test_what_processes_died_of_is_not_loaded_and_the_one_before_it_answers(registry: Registry) -> None:
    tried: list[str] = []

    @contextmanager
    def died(load: str) -> Iterator[None]:
        tried.append(load)
        raise LoadKills("2 processes died while they loaded it")
        yield

    for version in (1, 2):
        publish_toy(registry, version)
        registry.promote("pets", version)
    models = Models(registry, lambda name, version: load_toy(registry, name, version), 10**9, noted=died)
    follow(registry, models)
    assert states(models) == {1: "ready", 2: "failed_to_load"}
    assert models.get("pets").version == 1
    assert [load.partition(":")[0] for load in tried] == ["pets@2"]


def test_a_first_version_is_tried_whatever_died_of_it(registry: Registry) -> None:
    publish_toy(registry)
    registry.promote("pets", 1)
    models = Models(
        registry,
        lambda name, version: load_toy(registry, name, version),
        10**9,
        noted=lambda load: pytest.fail(f"asked about {load}"),
    )
    follow(registry, models)
    assert states(models) == {1: "ready"}


def test_a_version_is_tried_again_when_it_is_promoted_again(registry: Registry, tmp_path: Path) -> None:
    publish_toy(registry, 1)
    publish_toy(registry, 2)
    registry.promote("pets", 1)
    models = models_of(registry)
    weights = tmp_path / "models/pets/2/model.keras"
    registry.promote("pets", 2)
    weights.write_bytes(b"damaged")
    follow(registry, models)
    weights.write_bytes(b"toy")
    # Not every second: what is damaged stays so.
    follow(registry, models)
    assert states(models)[2] == "failed_to_load"
    registry.promote("pets", 1)
    registry.promote("pets", 2)
    follow(registry, models)
    assert states(models) == {2: "ready"}


def test_who_asks_during_a_switch_has_nothing_loaded_again(registry: Registry) -> None:
    loads: list[int] = []

    def load_counted(name: str, version: int) -> LoadedModel:
        loads.append(version)
        return load_toy(registry, name, version)

    for version in (1, 2):
        publish_toy(registry, version)
    registry.promote("pets", 1)
    models = Models(registry, load_counted, 10**9)
    follow(registry, models)
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            models.get("pets")

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for version in [2, 1] * 20:
            registry.promote("pets", version)
            follow(registry, models)
        done.set()
        for one in asking:
            one.result()
    assert loads == [1] + [2, 1] * 20


def test_a_model_without_a_pointer_is_served_no_more(registry: Registry, tmp_path: Path) -> None:
    publish_toy(registry)
    registry.promote("pets", 1)
    models = models_of(registry)
    follow(registry, models)
    (tmp_path / "models/pets/served.json").unlink()
    follow(registry, models)
    assert [state["serving"] for state in models.describe()] == [False]
    with pytest.raises(ItemModelNotFound):
        models.get("pets")


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
    follow(registry, models)
    for name in ("pets", "birds", "pets", "birds"):
        assert models.get(name).name == name
        assert [state["name"] for state in models.describe() if state["state"] == "ready"] == [name]
        # What is served and was dropped is loaded again when asked for, and not before.
        follow(registry, models)
        assert [state["name"] for state in models.describe() if state["state"] == "ready"] == [name]


def test_a_served_version_outlives_those_that_only_jobs_ask_for(registry: Registry) -> None:
    for version in (1, 2, 3):
        publish_toy(registry, version)
    registry.promote("pets", 1)
    models = models_of(registry, memory_bytes=2 * load_toy(registry, "pets", 1).bytes)
    follow(registry, models)
    for version in (2, 3):
        models.get("pets", version)
    assert sorted(state["version"] for state in models.describe()) == [1, 3]


def test_a_pinned_version_answers_while_another_goes_live_and_pushes_it_out(registry: Registry) -> None:
    for version in (1, 2):
        publish_toy(registry, version)
    registry.promote("pets", 1)
    models = models_of(registry, memory_bytes=load_toy(registry, "pets", 1).bytes)
    follow(registry, models)
    registry.promote("pets", 2)
    follow(registry, models)
    assert states(models) == {2: "ready"}
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
