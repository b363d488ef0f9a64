"""When the served pointer goes back by itself, and when it stays: what workers say is told to a real Redis."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from redis import Redis

from scheduler.way_back import HEARD_S, WayBack
from shared.heartbeat import HEARTBEATS, PROCESSES
from shared.jobs.model import Json
from shared.pointers import Pointers
from shared.registry import Registry
from shared.storage import Storage
from tests.support.engines import publish_toy

REASON = "It answers otherwise."


class World:
    """A model whose version 2 was just promoted."""

    def __init__(self, redis: Redis, folder: Path) -> None:
        self.redis = redis
        self.registry = Registry(Storage(str(folder)))
        for version in (1, 2):
            publish_toy(self.registry, version)
            self.registry.promote("pets", version)
        self.later_s = 0.0
        pointers = Pointers(redis, self.registry, wait_s=1)
        self._way_back = WayBack(redis, self.registry, pointers, now=lambda: time.time() + self.later_s)

    def say(self, role: str, *models: Json) -> None:
        """Has a worker say what it holds."""
        state = {"role": role, "id": f"{role}@host:1", "at": time.time(), "detail": "", "metrics": ""}
        self.redis.set(f"{HEARTBEATS}{role}@host:1", json.dumps(state | {"models": [*models]}))
        self.redis.sadd(PROCESSES, f"{role}@host:1")

    def failed(self, version: int = 2) -> Json:
        """Returns what a worker says that followed the pointer in vain."""
        served = self.registry.served("pets")
        assert served is not None
        promotion = served.promoted_at.isoformat()
        return held(version, "failed_to_load") | {"reason": REASON, "promotion": promotion}

    def served_after_a_round(self) -> int | None:
        """Returns the served version after the scheduler has looked once."""
        self._way_back.round()
        return self.registry.served_version("pets")


def held(version: int, state: str = "ready") -> Json:
    return {"name": "pets", "version": version, "state": state}


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> World:
    return World(redis, tmp_path)


def test_what_no_worker_can_load_is_served_no_more(world: World) -> None:
    for role in ("single", "list"):
        world.say(role, held(1), world.failed())
    assert world.served_after_a_round() == 1
    served = world.registry.served("pets")
    assert served is not None
    refusal = served.refusal(2)
    assert refusal is not None
    assert refusal.reason == REASON
    # Whoever follows it anew has nothing to mend.
    assert world.served_after_a_round() == 1
    assert len(world.registry.periods("pets")) == 3


@pytest.mark.parametrize("state", ["ready", "loading"])
def test_what_another_worker_has_or_is_about_to_have_stays(world: World, state: str) -> None:
    world.say("single", held(1), world.failed())
    world.say("list", held(1), held(2, state))
    world.later_s = 60
    assert world.served_after_a_round() == 2


def test_a_worker_that_has_yet_to_look_is_waited_for_and_not_for_ever(world: World) -> None:
    world.say("single", held(1), world.failed())
    world.say("list", held(1))
    assert world.served_after_a_round() == 2
    world.later_s = HEARD_S
    assert world.served_after_a_round() == 1


def test_where_no_other_version_can_be_loaded_the_pointer_stays(world: World) -> None:
    for role in ("single", "list"):
        world.say(role, world.failed(), held(1, "failed_to_load"))
    assert world.served_after_a_round() == 2


def test_a_version_promoted_again_is_tried_again_before_it_is_refused(world: World) -> None:
    before = world.failed()
    world.registry.promote("pets", 1)
    world.registry.promote("pets", 2)
    world.say("single", held(1), before)
    world.later_s = 60
    assert world.served_after_a_round() == 2
    world.say("single", held(1), world.failed())
    assert world.served_after_a_round() == 1


def test_what_only_a_job_asked_for_moves_no_pointer(world: World) -> None:
    world.say("single", held(1), held(2, "failed_to_load") | {"reason": REASON, "promotion": None})
    world.later_s = 60
    assert world.served_after_a_round() == 2


def test_the_first_version_stays(world: World) -> None:
    world.registry.delete("pets", 1)
    world.say("single", held(1), world.failed())
    assert world.served_after_a_round() == 2


def test_processes_that_hold_no_models_have_no_say(world: World) -> None:
    world.say("single", held(1), world.failed())
    world.say("trainer")
    world.say("api")
    assert world.served_after_a_round() == 1
