"""Promotions become events for the webhook of the training that made the version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from scheduler import promotions
from scheduler.promotions import Promotions
from shared.jobs.model import Json
from shared.jobs.webhooks import WebhookStore
from shared.pointers import Pointers
from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest

HOOK = "http://user:secret@127.0.0.1:9/hook"
JOB = toy_manifest().job_id


class World:
    """A registry with two versions of pets, of which the second has a webhook."""

    def __init__(self, redis: Redis, folder: Path) -> None:
        self.redis: Any = redis
        self.storage = Storage(str(folder))
        self.registry = Registry(self.storage)
        self.pointers = Pointers(redis, self.registry, wait_s=1)
        self.store = WebhookStore(redis)
        self.publish("pets", 1)
        self.publish("pets", 2, HOOK)

    def publish(self, name: str, version: int, url: str | None = None) -> None:
        self.registry.publish(toy_manifest(name, version), {"model.keras": b"weights"})
        if url:
            self.registry.keep_webhook(name, version, url)

    def looker(self) -> Promotions:
        """Returns a scheduler's eye, as one that has just started."""
        return Promotions(self.redis, self.registry, self.pointers)

    def told(self) -> list[Json]:
        """Returns what waits to be told, each once, in order."""
        found = []
        while (event := self.store.claim("token")) is not None:
            assert (event.type, event.job_id, event.url) == ("model.promoted", JOB, HOOK)
            found.append(json.loads(event.content) | {"id": event.id})
        return found


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> World:
    world = World(redis, tmp_path)
    world.looker().round()
    return world


def test_a_promotion_is_told_once_with_what_it_came_after(world: World) -> None:
    world.pointers.promote("pets", 1)
    served = world.pointers.promote("pets", 2)
    looker = world.looker()
    looker.round()
    looker.round()
    world.looker().round()
    (told,) = world.told()
    assert told["id"].startswith(f"msg_{JOB}_")
    assert (told["name"], told["version"], told["previous_version"], told["reason"]) == ("pets", 2, 1, None)
    assert told["promoted_at"] == f"{served.promoted_at:%Y-%m-%dT%H:%M:%S}.{served.promoted_at.microsecond // 1000:03}Z"
    assert told["job_id"] == JOB


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"", b"http://"])
def test_a_webhook_that_was_damaged_keeps_no_other_model_waiting(world: World, damage: bytes) -> None:
    for name in ("cats", "pets"):
        world.publish(name, 3, HOOK)
        world.pointers.promote(name, 3)
    world.storage.write_bytes("models/cats/webhooks/3", damage)
    world.looker().round()
    assert [told["name"] for told in world.told()] == ["pets"]


def test_several_promotions_between_two_looks_are_all_told(world: World) -> None:
    for version in (1, 2, 1, 2, 1):
        world.pointers.promote("pets", version)
    world.looker().round()
    assert [(told["version"], told["previous_version"]) for told in world.told()] == [(2, 1), (2, 1)]


def test_a_new_model_s_first_promotion_is_told(world: World) -> None:
    world.publish("birds", 1, HOOK)
    world.pointers.promote("birds", 1)
    world.looker().round()
    assert [(told["name"], told["previous_version"]) for told in world.told()] == [("birds", None)]


def test_the_way_back_is_told_with_its_reason(world: World) -> None:
    world.pointers.promote("pets", 2)
    world.publish("pets", 3)
    served = world.pointers.promote("pets", 3)
    with world.pointers.moving("pets"):
        world.registry.go_back("pets", served, 2, "It answers otherwise.")
    world.looker().round()
    assert [(told["version"], told["reason"]) for told in world.told()] == [(2, None), (2, "It answers otherwise.")]


def test_what_was_there_before_the_first_look_is_old_news(redis: Redis, tmp_path: Path) -> None:
    world = World(redis, tmp_path)
    world.pointers.promote("pets", 2)
    world.looker().round()
    assert world.told() == []
    world.pointers.promote("pets", 1)
    world.pointers.promote("pets", 2)
    world.looker().round()
    assert [told["version"] for told in world.told()] == [2]


def test_two_schedulers_that_look_at_once_tell_once(world: World) -> None:
    world.pointers.promote("pets", 2)
    noted = world.redis.hgetall(promotions.NOTED)
    world.looker().look()
    # Given a second one that had read what was noted before
    for name in set(world.redis.hgetall(promotions.NOTED)) - set(noted):
        assert not world.store.promoted(name, "", "20260301T000000000000", None)
    assert len(world.told()) == 1


def test_a_move_whose_mover_died_before_he_said_so_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = world.looker()
    patient.round()
    monkeypatch.setattr(promotions, "LOOK_EVERY_S", 0.0)
    looker = world.looker()
    looker.round()
    world.registry.promote("pets", 2)
    patient.round()
    assert world.told() == []
    looker.round()
    assert [told["version"] for told in world.told()] == [2]


def test_a_deleted_version_takes_its_webhook_along(world: World) -> None:
    world.pointers.promote("pets", 2)
    world.pointers.promote("pets", 1)
    world.registry.delete("pets", 2)
    assert world.registry.webhook("pets", 2) is None
    # Its promotion can be told to nobody any more, and keeps no other one.
    world.looker().round()
    assert world.told() == []


def test_a_version_s_webhook_is_none_of_its_files(world: World) -> None:
    manifest = world.registry.manifest("pets", 2)
    assert "secret" not in manifest.model_dump_json()
    assert set(manifest.files) == {"model.keras"}
