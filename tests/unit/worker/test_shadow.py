"""What is in shadow gets copies of what is served, and nobody who asks sees anything of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from redis import Redis

from shared.items import ItemInput
from shared.jobs.lease import Lease
from shared.preprocess_spec import PreprocessSpec
from shared.registry import Registry
from shared.shadow import Agreement, Agreements, Copies, Pair
from shared.storage import Storage
from tests.support import pictures
from tests.support.engines import brightness, publish_toy
from tests.support.manifests import toy_manifest
from worker.following import Following
from worker.loaded import LoadedModel, load
from worker.models import Models
from worker.outcome import Classified, Ready, Request
from worker.pipeline import Pipeline
from worker.shadow import Drawn, Scorer, Sender, challengers_of
from worker.shadow import sender as sending

BRIGHT = pictures.encode(".png", np.full((32, 32, 3), 250, np.uint8))
PAIR = Pair("pets", 1, 2)
SERVED = Request("pets", None, 5, None)
LEASE = Lease("job:0", 1)


@dataclass(frozen=True)
class ShadowWorld:
    """A worker with version 1 served, and what sends and scores copies, each when a test tells it to."""

    redis: Redis
    storage: Storage
    registry: Registry
    pipeline: Pipeline
    models: Models
    sender: Sender
    scorer: Scorer

    def shadow(self, fraction: float = 1.0) -> None:
        """Puts version 2 in shadow, as the API does, and has the worker see it."""
        self.registry.put_in_shadow("pets", 2, fraction)
        self.follow()

    def follow(self, sender: Sender | None = None) -> None:
        """Has the worker see what is served and in shadow."""
        Following(self.registry, self.models, lambda: None, (sender or self.sender).follow).follow()

    def classify(self, request: Request = SERVED) -> Classified:
        """Classifies a single picture."""
        return self.pipeline.classify(self.uploaded(), request, LEASE)

    def drawn(self, times: int, request: Request = SERVED) -> int:
        """Returns of how many pictures of a list a copy is sent."""
        item = self.uploaded()
        prepared: Sequence[object] = [self.pipeline.prepare(item, request, LEASE, 0) for _ in range(times)]
        return sum(isinstance(one, Ready) and one.drawn is not None for one in prepared)

    def uploaded(self) -> ItemInput:
        """Returns a bright picture, uploaded."""
        self.storage.write_bytes("jobs/job/uploads/0", BRIGHT)
        return ItemInput(upload="jobs/job/uploads/0")

    def agreement(self) -> Agreement:
        """Returns how far versions 1 and 2 agree."""
        return Agreements(self.redis).read(PAIR)


@pytest.fixture
def world(redis: Redis, storage: Storage, pipeline: Pipeline, sender: Sender) -> ShadowWorld:
    # The pipeline has published version 1.
    registry = Registry(storage)
    models = Models(registry, lambda name, version: load(registry, name, version, brightness), 10**9)
    scorer = Scorer(models, Copies(redis), Agreements(redis), LoadedModel.predict, sender.is_current)
    return ShadowWorld(redis, storage, registry, pipeline, models, sender, scorer)


def publish_with_input(registry: Registry, width: int, height: int, color: Literal["rgb", "grey"]) -> None:
    """Publishes version 2 with an input of its own."""
    spec = PreprocessSpec(width=width, height=height, color=color)
    registry.publish(toy_manifest(version=2).model_copy(update={"input": spec}), {"model.keras": b"toy"})


def test_the_challenger_answers_a_copy_and_the_answer_is_the_champion_s(world: ShadowWorld) -> None:
    publish_toy(world.registry, 2)
    world.shadow()
    assert world.classify().item["model"] == {"name": "pets", "version": 1}
    world.sender.send_next()
    world.scorer.round()
    agreement = world.agreement()
    assert (agreement.compared, agreement.agreed) == (1, 1)
    assert [(one.label, one.compared) for one in agreement.classes] == [("dog", 1)]


@pytest.mark.parametrize("of_a_list", [False, True])
def test_a_challenger_gets_the_picture_as_it_takes_it(world: ShadowWorld, of_a_list: bool) -> None:
    publish_with_input(world.registry, 20, 16, "grey")
    world.shadow()
    if of_a_list:
        ready = world.pipeline.prepare(world.uploaded(), SERVED, LEASE, 0)
        assert isinstance(ready, Ready)
        world.pipeline.predict([ready])
    else:
        world.classify()
    world.sender.send_next()
    (copy,) = Copies(world.redis).take(5, 1)
    assert (copy.pair, copy.label, copy.shape) == (PAIR, "dog", (16, 20, 1))
    assert set(copy.inputs) == {250}


def test_only_the_fraction_is_copied(world: ShadowWorld) -> None:
    publish_toy(world.registry, 2)
    assert world.drawn(20) == 0
    world.shadow(0.0)
    assert world.drawn(20) == 0
    world.shadow(0.5)
    # Outside of this once in a hundred million runs.
    assert 20 <= world.drawn(100) <= 80
    world.shadow(1.0)
    assert world.drawn(20) == 20


def test_what_a_request_names_a_version_for_is_not_compared(world: ShadowWorld) -> None:
    publish_toy(world.registry, 2)
    publish_toy(world.registry, 3)
    world.shadow()
    assert world.drawn(5, Request("pets", 3, 5, None)) == 0


def test_a_challenger_that_is_behind_costs_copies_and_no_time(
    world: ShadowWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_WAITING", 2)
    publish_toy(world.registry, 2)
    world.shadow()
    for _ in range(5):
        world.classify()
    for _ in range(2):
        world.sender.send_next()
    world.scorer.round()
    agreement = world.agreement()
    assert (agreement.compared, agreement.dropped) == (2, 3)


def test_a_challenger_that_cannot_be_loaded_is_told_of(world: ShadowWorld) -> None:
    publish_toy(world.registry, 2, honest=False)
    world.shadow()
    assert world.classify().item["label"] == "dog"
    world.sender.send_next()
    world.scorer.round()
    agreement = world.agreement()
    assert (agreement.compared, agreement.failed) == (0, 1)
    assert "differs" in (agreement.reason or "")


def test_copies_for_what_is_in_shadow_no_more_are_dropped_unseen(world: ShadowWorld) -> None:
    publish_toy(world.registry, 2)
    world.shadow()
    world.classify()
    world.sender.send_next()
    # When it is promoted, its shadow ends.
    world.registry.promote("pets", 2)
    world.follow()
    world.scorer.round()
    assert world.registry.shadow("pets") is None
    assert world.agreement().compared == 0


def test_a_version_in_shadow_that_is_deleted_is_forgotten(world: ShadowWorld) -> None:
    publish_toy(world.registry, 2)
    world.shadow()
    assert world.sender.is_current(PAIR)
    world.registry.delete("pets", 2)
    assert world.registry.shadow("pets") is None
    world.follow()
    assert not world.sender.is_current(PAIR)


@pytest.mark.parametrize("of_a_list", [False, True])
def test_a_challenger_with_too_large_an_input_is_given_none_and_harms_no_answer(
    world: ShadowWorld, of_a_list: bool
) -> None:
    publish_with_input(world.registry, 4096, 4096, "rgb")
    world.shadow()
    if of_a_list:
        assert world.drawn(3) == 0
    else:
        assert [world.classify().item["status"] for _ in range(3)] == ["succeeded"] * 3
    world.sender.send_next()
    assert world.agreement().dropped == 3


def test_what_goes_wrong_with_a_copy_of_a_list_s_item_is_not_the_item_s(world: ShadowWorld) -> None:
    def fail(data: bytes, side: int) -> NDArray[np.uint8]:
        raise MemoryError

    failing = Sender(Copies(world.redis), Agreements(world.redis), fail)
    publish_with_input(world.registry, 20, 16, "grey")
    world.shadow()
    world.follow(failing)
    challenger = challengers_of(world.registry, world.registry.all_served())["pets"]
    assert failing.prepared(Drawn(challenger, None), BRIGHT) is None
