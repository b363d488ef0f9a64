"""What becomes of a version whose job was canceled, or taken over, as it was published: trainings and imports alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from shared import ids
from shared.jobs import keys
from shared.jobs.lease import Lease, LeaseLost
from shared.jobs.model import Claim, Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage
from tests.support.manifests import first_verdict, toy_manifest
from trainer.model_import.unit import ModelImportWork
from trainer.numbers import VersionNumbers
from trainer.version_work import VersionWork
from trainer.work import TrainingWork

SPEC: Json = {
    "model": {"name": "pets"},
    "dataset": {"name": "pets", "version": "0" * 12},
    "recipe": "shapes",
    "path": "mine.keras",
    "labels": ["cat", "dog"],
    "input": {"width": 8, "height": 8, "color": "rgb"},
    "promote": "if_better",
    "gate": {},
}


class World:
    """A trainer's part of the work, without its process."""

    def __init__(self, redis: Redis, tmp_path: Path) -> None:
        storage = Storage(str(tmp_path / "storage"))
        settings = Settings(data_dir=tmp_path / "var", storage_url=storage.url)
        self.redis, self.registry = redis, Registry(storage)
        self.jobs, self.units = JobStore(redis, ttl_s=60, max_queued_items=10), UnitStore(redis)
        pointers = Pointers(redis, self.registry, wait_s=5)
        self.numbers = VersionNumbers(redis, self.registry)
        self.works: dict[Kind, VersionWork] = {
            Kind.TRAINING: TrainingWork(settings, storage, self.registry, pointers, self.units, self.numbers),
            Kind.IMPORT: ModelImportWork(settings, self.registry, pointers, self.units, self.numbers),
        }

    def claim(self, kind: Kind, payload: Json | None = None) -> Claim:
        """Begins a job as a trainer does."""
        job_id = ids.new_id()
        self.jobs.create(NewJob(job_id, kind, Queue.TRAIN, [NewUnit(payload or {})], SPEC, total=0))
        claim = self.units.claim(f"{job_id}:0", "token")
        assert claim is not None
        return claim

    def published(self, kind: Kind) -> tuple[Claim, Lease]:
        """Begins a job whose version is there already, as after an attempt that was lost right then."""
        claim = self.claim(kind, {"version": 1})
        self.registry.publish(toy_manifest().model_copy(update={"job_id": claim.job_id, "gate": first_verdict()}), {})
        return claim, Lease(claim.unit_id, claim.attempt)


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> World:
    return World(redis, tmp_path)


KINDS = pytest.mark.parametrize("kind", [Kind.TRAINING, Kind.IMPORT])


@KINDS
def test_a_version_that_was_published_is_settled(world: World, kind: Kind) -> None:
    result = world.works[kind].run(*world.published(kind))
    assert (result["model"], result["promoted"]) == ({"name": "pets", "version": 1}, True)
    assert world.registry.served_version("pets") == 1


@KINDS
@pytest.mark.parametrize("keep", [False, True])
def test_one_that_is_canceled_as_it_is_published_is_served_only_if_it_is_to_be_kept(
    world: World, kind: Kind, keep: bool
) -> None:
    claim, lease = world.published(kind)
    world.jobs.cancel(claim.job_id, {"keep": True} if keep else None)
    lease.state = "canceling"
    result = world.works[kind].run(claim, lease)
    assert result["promoted"] is keep
    assert ("canceled as its version was published" in result["reason"]) is not keep
    assert world.registry.served_version("pets") == (1 if keep else None)


@KINDS
def test_an_attempt_whose_unit_somebody_else_has_promotes_nothing(world: World, kind: Kind) -> None:
    claim, lease = world.published(kind)
    # Given that the unit has another attempt meanwhile, of which this process has not heard
    world.redis.hset(keys.unit(claim.unit_id), "attempt", claim.attempt + 1)
    with pytest.raises(LeaseLost):
        world.works[kind].run(claim, lease)
    assert world.registry.served_version("pets") is None


@KINDS
def test_an_attempt_that_lost_its_unit_makes_no_version(world: World, kind: Kind) -> None:
    claim = world.claim(kind)
    world.redis.hset(keys.unit(claim.unit_id), "attempt", claim.attempt + 1)
    with pytest.raises(LeaseLost):
        world.works[kind].run(claim, Lease(claim.unit_id, claim.attempt))
    assert world.registry.versions("pets") == []
