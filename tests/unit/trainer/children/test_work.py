"""How the work of a child process ends as a job: on a real Redis, with work that only raises."""

from __future__ import annotations

import pytest
from redis import Redis

from shared import ids
from shared.errors import LoupeError, StorageFull, StorageUnavailable, TrainingFailed
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Job, Json, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.runner import Runner
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from trainer.children.work import ChildWork


class Raising(ChildWork):
    """Work that goes wrong."""

    def __init__(self, units: UnitStore, error: LoupeError) -> None:
        super().__init__(units)
        self._error = error
        self.cleared_up = False

    def run(self, claim: Claim, lease: Lease) -> Json:
        raise self._error

    def failed(self, claim: Claim) -> None:
        self.cleared_up = True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that waits for storage is given back without a pause."""
    monkeypatch.setattr("shared.jobs.runner.OUTAGE_PAUSE_S", 0.0)


def run(redis: Redis, error: LoupeError) -> tuple[Job, Raising]:
    """Runs a job whose work raises this."""
    jobs, units = JobStore(redis, ttl_s=600, max_queued_items=100), UnitStore(redis)
    job = jobs.create(NewJob(ids.new_id(), Kind.TRAINING, Queue.TRAIN, [NewUnit({})], {}, total=0)).job
    work = Raising(units, error)

    def crashed(_claim: Claim) -> Outcome:
        raise AssertionError("nothing unforeseen happened")

    Runner(units, crashed=crashed).run(f"{job.id}:0", work)
    return jobs.get(job.id), work


@pytest.mark.parametrize("error", [TrainingFailed("It went wrong."), StorageFull("writing a: No space left.")])
def test_what_does_not_pass_ends_the_job_with_its_words(redis: Redis, error: LoupeError) -> None:
    job, work = run(redis, error)
    assert job.status is Status.FAILED
    assert job.error == {"code": error.code, "message": error.message}
    assert work.cleared_up


def test_work_waits_for_a_storage_that_does_not_answer(redis: Redis) -> None:
    job, work = run(redis, StorageUnavailable("reading a: Connection refused"))
    assert (job.status, job.error) == (Status.RUNNING, None)
    assert not work.cleared_up
