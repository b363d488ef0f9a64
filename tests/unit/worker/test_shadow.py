"""What is in shadow gets copies of what is served, and nobody who asks sees anything of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from redis import Redis

from shared.items import ItemInput
from shared.jobs.lease import Lease
from shared.preprocess_spec import PreprocessSpec
from shared.registry import Registry
from shared.shadow import Agreements, Copies, Pair
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


@pytest.fixture
def registry(storage: Storage, pipeline: Pipeline) -> Registry:
    """A registry whose version 1 is served; the pipeline published it."""
    return Registry(storage)


@pytest.fixture
def models(registry: Registry) -> Models:
    return Models(registry, lambda name, version: load(registry, name, version, brightness), 10**9)


@pytest.fixture
def scorer(redis: Redis, models: Models, sender: Sender) -> Scorer:
    return Scorer(models, Copies(redis), Agreements(redis), LoadedModel.predict, sender.is_current)


def shadow(registry: Registry, models: Models, sender: Sender, fraction: float = 1.0) -> None:
    """Puts version 2 in shadow, as the API does, and has the worker see it."""
    registry.put_in_shadow("pets", 2, fraction)
    Following(registry, models, lambda: None, sender.follow).follow()


def classify(pipeline: Pipeline, storage: Storage, request: Request = SERVED) -> Classified:
    storage.write_bytes("jobs/job/uploads/0", BRIGHT)
    return pipeline.classify(ItemInput(upload="jobs/job/uploads/0"), request, Lease("job:0", 1))


def test_the_challenger_answers_a_copy_and_the_answer_is_the_champion_s(
    redis: Redis,
    pipeline: Pipeline,
    storage: Storage,
    registry: Registry,
    models: Models,
    sender: Sender,
    scorer: Scorer,
) -> None:
    publish_toy(registry, 2)
    shadow(registry, models, sender)
    classified = classify(pipeline, storage)
    assert classified.item["model"] == {"name": "pets", "version": 1}
    sender.send_next()
    scorer.round()
    agreement = Agreements(redis).read(PAIR)
    assert (agreement.compared, agreement.agreed) == (1, 1)
    assert [(one.label, one.compared) for one in agreement.classes] == [("dog", 1)]


@pytest.mark.parametrize("of_a_list", [False, True])
def test_a_challenger_gets_the_picture_as_it_takes_it(
    redis: Redis,
    pipeline: Pipeline,
    storage: Storage,
    registry: Registry,
    models: Models,
    sender: Sender,
    of_a_list: bool,
) -> None:
    spec = PreprocessSpec(width=20, height=16, color="grey")
    registry.publish(toy_manifest(version=2).model_copy(update={"input": spec}), {"model.keras": b"toy"})
    shadow(registry, models, sender)
    if of_a_list:
        storage.write_bytes("jobs/job/uploads/0", BRIGHT)
        ready = pipeline.prepare(ItemInput(upload="jobs/job/uploads/0"), SERVED, Lease("job:0", 1), 0)
        assert isinstance(ready, Ready)
        pipeline.predict([ready], SERVED, Lease("job:0", 1))
    else:
        classify(pipeline, storage)
    sender.send_next()
    (copy,) = Copies(redis).take(5, 1)
    assert (copy.pair, copy.label, copy.shape) == (PAIR, "dog", (16, 20, 1))
    assert set(copy.inputs) == {250}


def drawn(pipeline: Pipeline, storage: Storage, times: int, request: Request = SERVED) -> int:
    """Returns of how many pictures a copy is sent."""
    storage.write_bytes("jobs/job/uploads/0", BRIGHT)
    lease, item = Lease("job:0", 1), ItemInput(upload="jobs/job/uploads/0")
    prepared: Sequence[object] = [pipeline.prepare(item, request, lease, 0) for _ in range(times)]
    return sum(isinstance(one, Ready) and one.drawn is not None for one in prepared)


def test_only_the_fraction_is_copied(
    pipeline: Pipeline, storage: Storage, registry: Registry, models: Models, sender: Sender
) -> None:
    publish_toy(registry, 2)
    assert drawn(pipeline, storage, 20) == 0
    shadow(registry, models, sender, 0.0)
    assert drawn(pipeline, storage, 20) == 0
    shadow(registry, models, sender, 0.5)
    # Outside of this once in a hundred million runs.
    assert 20 <= drawn(pipeline, storage, 100) <= 80
    shadow(registry, models, sender, 1.0)
    assert drawn(pipeline, storage, 20) == 20


def test_what_a_request_names_a_version_for_is_not_compared(
    pipeline: Pipeline, storage: Storage, registry: Registry, models: Models, sender: Sender
) -> None:
    publish_toy(registry, 2)
    publish_toy(registry, 3)
    shadow(registry, models, sender)
    assert drawn(pipeline, storage, 5, Request("pets", 3, 5, None)) == 0


def test_a_challenger_that_is_behind_costs_copies_and_no_time(
    redis: Redis,
    pipeline: Pipeline,
    storage: Storage,
    registry: Registry,
    models: Models,
    sender: Sender,
    scorer: Scorer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "MOST_WAITING", 2)
    publish_toy(registry, 2)
    shadow(registry, models, sender)
    for _ in range(5):
        classify(pipeline, storage)
    for _ in range(2):
        sender.send_next()
    scorer.round()
    agreement = Agreements(redis).read(PAIR)
    assert (agreement.compared, agreement.dropped) == (2, 3)


def test_a_challenger_that_cannot_be_loaded_is_told_of(
    redis: Redis,
    pipeline: Pipeline,
    storage: Storage,
    registry: Registry,
    models: Models,
    sender: Sender,
    scorer: Scorer,
) -> None:
    publish_toy(registry, 2, honest=False)
    shadow(registry, models, sender)
    assert classify(pipeline, storage).item["label"] == "dog"
    sender.send_next()
    scorer.round()
    agreement = Agreements(redis).read(PAIR)
    assert (agreement.compared, agreement.failed) == (0, 1)
    assert "differs" in (agreement.reason or "")


def test_copies_for_what_is_in_shadow_no_more_are_dropped_unseen(
    redis: Redis,
    pipeline: Pipeline,
    storage: Storage,
    registry: Registry,
    models: Models,
    sender: Sender,
    scorer: Scorer,
) -> None:
    publish_toy(registry, 2)
    shadow(registry, models, sender)
    classify(pipeline, storage)
    sender.send_next()
    # When it is promoted, its shadow ends.
    registry.promote("pets", 2)
    Following(registry, models, lambda: None, sender.follow).follow()
    scorer.round()
    assert registry.shadow("pets") is None
    assert Agreements(redis).read(PAIR).compared == 0


def test_a_version_in_shadow_that_is_deleted_is_forgotten(registry: Registry, models: Models, sender: Sender) -> None:
    publish_toy(registry, 2)
    shadow(registry, models, sender)
    assert sender.is_current(PAIR)
    registry.delete("pets", 2)
    assert registry.shadow("pets") is None
    Following(registry, models, lambda: None, sender.follow).follow()
    assert not sender.is_current(PAIR)


@pytest.mark.parametrize("of_a_list", [False, True])
def test_a_challenger_with_too_large_an_input_is_given_none_and_harms_no_answer(
    redis: Redis,
    pipeline: Pipeline,
    storage: Storage,
    registry: Registry,
    models: Models,
    sender: Sender,
    of_a_list: bool,
) -> None:
    spec = PreprocessSpec(width=4096, height=4096, color="rgb")
    registry.publish(toy_manifest(version=2).model_copy(update={"input": spec}), {"model.keras": b"toy"})
    shadow(registry, models, sender)
    if of_a_list:
        assert drawn(pipeline, storage, 3) == 0
    else:
        assert [classify(pipeline, storage).item["status"] for _ in range(3)] == ["succeeded"] * 3
    sender.send_next()
    assert Agreements(redis).read(PAIR).dropped == 3


def test_what_goes_wrong_with_a_copy_of_a_list_s_item_is_not_the_item_s(
    pipeline: Pipeline, storage: Storage, registry: Registry, models: Models, redis: Redis
) -> None:
    def fail(data: bytes, side: int) -> NDArray[np.uint8]:
        raise MemoryError

    failing = Sender(Copies(redis), Agreements(redis), fail)
    spec = PreprocessSpec(width=20, height=16, color="grey")
    registry.publish(toy_manifest(version=2).model_copy(update={"input": spec}), {"model.keras": b"toy"})
    shadow(registry, models, failing)
    challenger = challengers_of(registry, registry.all_served())["pets"]
    assert failing.prepared(Drawn(challenger, None), BRIGHT) is None
