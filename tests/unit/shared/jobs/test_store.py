"""The job record as clients see it, from its creation to its end, on a real Redis."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from shared import errors
from shared.jobs import keys
from shared.jobs.model import Idempotency, NewUnit, Outcome, Queue, Status
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from tests.support.toy_jobs import run, single, two_chunks


def test_a_new_job_waits_with_all_it_was_given(jobs: JobStore) -> None:
    new = single()
    created = jobs.create(new)
    job = jobs.get(new.id)
    assert not created.replayed
    assert (job.status, job.single, job.attempt) == (Status.QUEUED, True, 1)
    assert job.progress == {"done": 0, "failed": 0, "total": 1}
    assert job.spec == new.spec
    assert abs(job.created_at - time.time()) < 5
    assert job.started_at is None
    assert job.result is None


def test_a_create_sent_twice_makes_one_job(jobs: JobStore, redis: Redis) -> None:
    new = single()
    jobs.create(new)
    jobs.create(new)
    assert len(jobs.page().jobs) == 1
    assert redis.get(keys.OPEN_ITEMS) == "1"


def test_a_single_job_runs_and_ends_with_its_item(jobs: JobStore, units: UnitStore) -> None:
    new = single()
    jobs.create(new)
    claim = units.claim(f"{new.id}:0", "token")
    assert claim is not None
    assert claim.payload == new.units[0].payload
    assert claim.spec == new.spec
    assert jobs.get(new.id).status is Status.RUNNING
    units.finish(claim.unit_id, claim.attempt, Outcome(status=Status.SUCCEEDED, result={"label": "cat"}))
    job = jobs.get(new.id)
    assert (job.status, job.result, job.error) == (Status.SUCCEEDED, {"label": "cat"}, None)
    assert job.progress == {"done": 1, "failed": 0, "total": 1}
    assert job.finished_at is not None


def test_a_list_ends_with_its_last_chunk_and_adds_up_its_counts(jobs: JobStore, units: UnitStore) -> None:
    new = two_chunks()
    jobs.create(new)
    run(units, f"{new.id}:1", Outcome(done=2, failed=1, labels={"cat": 1}, errors={"http_status": 1}, results="r/1"))
    job = jobs.get(new.id)
    assert (job.status, job.result, job.progress["done"]) == (Status.RUNNING, None, 2)
    run(units, f"{new.id}:0", Outcome(done=2, labels={"cat": 1, "dog": 1}, below_threshold=1, results="r/0"))
    job = jobs.get(new.id)
    assert job.status is Status.SUCCEEDED
    assert job.result == {
        "items": 4,
        "succeeded": 3,
        "failed": 1,
        "labels": {"cat": 2, "dog": 1},
        "errors": {"http_status": 1},
        "below_threshold": 1,
        "model": {"name": "pets", "version": None},
    }
    assert [unit.results for unit in jobs.list_units(new.id, 0, None)] == ["r/0", "r/1"]


def test_a_list_with_too_many_failures_fails_as_a_whole(jobs: JobStore, units: UnitStore) -> None:
    new = two_chunks(max_failure_rate=0.25)
    jobs.create(new)
    run(units, f"{new.id}:0", Outcome(done=2, failed=2, errors={"http_status": 2}))
    run(units, f"{new.id}:1", Outcome(done=2))
    job = jobs.get(new.id)
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error["code"] == "too_many_failures"


@pytest.mark.parametrize(("rate", "failed"), [(0.29, 29), (0.57, 57), (0.07, 7)])
def test_a_list_with_just_as_many_failures_as_allowed_succeeds(
    jobs: JobStore, units: UnitStore, rate: float, failed: int
) -> None:
    new = single(single=False, queue=Queue.BATCH, units=[NewUnit({}, count=100)], total=100, max_failure_rate=rate)
    jobs.create(new)
    run(units, f"{new.id}:0", Outcome(done=100, failed=failed, errors={"http_status": failed}))
    assert jobs.get(new.id).status is Status.SUCCEEDED


def test_the_key_of_a_deleted_job_is_as_good_as_new(jobs: JobStore) -> None:
    first = jobs.create(single(idempotency=Idempotency("loupe:idem:k", "content"))).job
    jobs.cancel(first.id)
    jobs.delete(first.id)
    again = jobs.create(single(idempotency=Idempotency("loupe:idem:k", "other")))
    assert not again.replayed


def test_the_same_idempotency_key_and_content_give_the_same_job(jobs: JobStore) -> None:
    first = jobs.create(single(idempotency=Idempotency("loupe:idem:k", "content")))
    again = jobs.create(single(idempotency=Idempotency("loupe:idem:k", "content")))
    assert (again.replayed, again.job.id) == (True, first.job.id)


def test_the_same_idempotency_key_with_other_content_is_refused(jobs: JobStore) -> None:
    jobs.create(single(idempotency=Idempotency("loupe:idem:k", "content")))
    with pytest.raises(errors.IdempotencyMismatch):
        jobs.create(single(idempotency=Idempotency("loupe:idem:k", "other")))


def test_past_the_queue_limit_nothing_is_taken(redis: Redis) -> None:
    jobs = JobStore(redis, ttl_s=60, max_queued_items=5)
    jobs.create(two_chunks())
    with pytest.raises(errors.QueueFull, match="at most 5"):
        jobs.create(two_chunks())
    jobs.create(single())


def test_ended_items_make_room_in_the_queue(redis: Redis, units: UnitStore) -> None:
    jobs = JobStore(redis, ttl_s=60, max_queued_items=1)
    first = jobs.create(single()).job
    run(units, f"{first.id}:0", Outcome(status=Status.SUCCEEDED, result={}))
    jobs.create(single())


def test_canceling_a_waiting_job_ends_it_at_once(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    job = jobs.create(two_chunks()).job
    assert jobs.cancel(job.id).status is Status.CANCELED
    assert units.claim(f"{job.id}:0", "token") is None
    assert redis.get(keys.OPEN_ITEMS) == "0"
    with pytest.raises(errors.JobFinished):
        jobs.cancel(job.id)


def test_canceling_a_running_job_waits_for_what_runs(jobs: JobStore, units: UnitStore) -> None:
    job = jobs.create(two_chunks()).job
    claim = units.claim(f"{job.id}:0", "token")
    assert claim is not None
    assert jobs.cancel(job.id).status is Status.CANCELING
    assert units.renew([(claim.unit_id, claim.attempt)]) == ["canceling"]
    assert units.finish(claim.unit_id, claim.attempt, Outcome(done=1))
    ended = jobs.get(job.id)
    assert (ended.status, ended.progress["done"]) == (Status.CANCELED, 1)


def test_a_job_that_runs_is_not_deleted(jobs: JobStore) -> None:
    job = jobs.create(single()).job
    with pytest.raises(errors.JobNotFinished):
        jobs.delete(job.id)
    jobs.cancel(job.id)
    jobs.delete(job.id)
    with pytest.raises(errors.JobNotFound):
        jobs.get(job.id)
    with pytest.raises(errors.JobNotFound):
        jobs.delete(job.id)
    assert jobs.page().jobs == []


def test_an_ended_job_leaves_no_key_without_an_expiry(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    job = jobs.create(two_chunks()).job
    run(units, f"{job.id}:0", Outcome(done=2, labels={"cat": 2}))
    run(units, f"{job.id}:1", Outcome(done=2, labels={"cat": 2}))
    lasting = {key for key in redis.scan_iter() if redis.ttl(key) == -1}
    indexes = {keys.index(k, s) for k in (None, "classification") for s in (None, "succeeded")}
    # The messages stay until a worker takes them.
    assert lasting == {keys.OPEN_ITEMS, keys.EXPIRING, keys.PREFIX + Queue.BATCH} | indexes
