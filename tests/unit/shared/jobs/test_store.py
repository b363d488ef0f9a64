"""The job record as clients see it, on a real Redis."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from redis import Redis

from shared import errors, ids
from shared.celery_app import make_celery
from shared.jobs import keys
from shared.jobs.model import Idempotency, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.record import ended_job
from shared.jobs.store import READ_AT_ONCE, JobStore
from shared.jobs.units import UnitStore
from shared.settings import Settings
from tests.support.redis_server import RedisServer


@pytest.fixture
def jobs(redis: Redis) -> JobStore:
    return JobStore(redis, ttl_s=60, max_queued_items=1000)


@pytest.fixture
def units(redis: Redis) -> UnitStore:
    return UnitStore(redis)


def single(**changes: object) -> NewJob:
    fields: dict[str, object] = {
        "id": ids.new_id(),
        "kind": Kind.CLASSIFICATION,
        "queue": Queue.CLASSIFY,
        "units": [NewUnit({"item": {"url": "http://example.org/é.jpg"}})],
        "spec": {"model": {"name": "pets", "version": None}},
        "single": True,
    }
    return NewJob(**(fields | changes))  # type: ignore[arg-type]


def two_chunks(**changes: object) -> NewJob:
    chunks = [NewUnit({"input": "a"}, first=0, count=2), NewUnit({"input": "b"}, first=2, count=2)]
    return single(single=False, queue=Queue.BATCH, units=chunks, total=4, **changes)


def run(units: UnitStore, unit_id: str, outcome: Outcome) -> None:
    claim = units.claim(unit_id, "token")
    assert claim is not None
    assert units.finish(unit_id, claim.attempt, outcome)


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


@pytest.mark.parametrize("job_id", ["x", "", "é" * 3000, "../..", str(uuid.uuid4())])
def test_what_is_no_id_is_not_found(jobs: JobStore, job_id: str) -> None:
    with pytest.raises(errors.JobNotFound):
        jobs.get(job_id)


def test_an_id_that_nobody_gave_is_not_found(jobs: JobStore) -> None:
    with pytest.raises(errors.JobNotFound):
        jobs.get(ids.new_id())


def test_the_name_of_a_job_s_other_keys_is_no_job(jobs: JobStore) -> None:
    job = jobs.create(single()).job
    for suffix in (":units", ":counts"):
        for look in (jobs.get, jobs.cancel, jobs.delete):
            with pytest.raises(errors.JobNotFound):
                look(job.id + suffix)


def test_an_id_older_than_the_time_to_live_has_expired(jobs: JobStore) -> None:
    old = uuid.UUID(int=(int((time.time() - 61) * 1000) << 80) | (7 << 76) | (2 << 62))
    with pytest.raises(errors.JobExpired):
        jobs.get(str(old))


def test_jobs_are_listed_newest_first_in_pages(jobs: JobStore, units: UnitStore) -> None:
    made = [jobs.create(single()).job.id for _ in range(5)]
    run(units, f"{made[1]}:0", Outcome(status=Status.SUCCEEDED, result={}))
    first = jobs.page(limit=2)
    second = jobs.page(limit=2, cursor=first.next_cursor)
    third = jobs.page(limit=2, cursor=second.next_cursor)
    listed = [job.id for page in (first, second, third) for job in page.jobs]
    assert listed == made[::-1]
    assert third.next_cursor is None
    assert [job.id for job in jobs.page(status=Status.SUCCEEDED).jobs] == [made[1]]
    assert jobs.page(kind=Kind.TRAINING).jobs == []
    assert len(jobs.page(kind=Kind.CLASSIFICATION, status=Status.QUEUED).jobs) == 4


def test_an_ended_job_leaves_no_key_without_an_expiry(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    job = jobs.create(two_chunks()).job
    run(units, f"{job.id}:0", Outcome(done=2, labels={"cat": 2}))
    run(units, f"{job.id}:1", Outcome(done=2, labels={"cat": 2}))
    lasting = {key for key in redis.scan_iter() if redis.ttl(key) == -1}
    indexes = {keys.index(k, s) for k in (None, "classification") for s in (None, "succeeded")}
    # The messages stay until a worker takes them.
    assert lasting == {keys.OPEN_ITEMS, keys.EXPIRING, keys.PREFIX + Queue.BATCH} | indexes


def test_progress_and_the_end_of_a_list_are_published(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    listener: Any = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    listener.subscribe(keys.EVENTS)
    job = jobs.create(two_chunks()).job
    run(units, f"{job.id}:0", Outcome(done=2))
    run(units, f"{job.id}:1", Outcome(done=2))
    heard: list[str] = []
    while len(heard) < 3:
        message = listener.get_message(timeout=5)
        if message:
            heard.append(message["data"])
    listener.close()
    # It runs, a chunk is done, it ends.
    assert heard[:2] == [f"progress {job.id}"] * 2
    assert heard[2].startswith(f"end {job.id} ")


def test_a_page_has_jobs_as_they_are_alone(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    made = [jobs.create(single(single=bool(number % 2))).job.id for number in range(READ_AT_ONCE + 3)]
    claim = units.claim(f"{made[0]}:0", "token")
    assert claim is not None
    units.finish(claim.unit_id, 1, Outcome(failed=1, errors={"http_status": 1}))
    redis.rpush(keys.tries(made[1]), '{"status": 500}')
    redis.delete(keys.job(made[2]))

    page = jobs.page(limit=len(made))

    assert page.jobs == [jobs.get(job_id) for job_id in reversed(made) if job_id != made[2]]
    assert [job.id for job in jobs.page(limit=3).jobs] == made[:-4:-1]


def test_the_end_is_told_with_the_record_as_it_stays(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    client: Any = redis
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(keys.EVENTS)
        assert heard.get_message(timeout=1) is None
        created = jobs.create(single()).job
        assert created == jobs.get(created.id)
        claim = units.claim(f"{created.id}:0", "token")
        assert claim is not None
        units.finish(claim.unit_id, 1, Outcome(status=Status.SUCCEEDED, result={"label": "é"}, labels={"é": 1}))
        # Of a single job only the end is news.
        kind, job_id, record = str(heard.get_message(timeout=1)["data"]).split(" ", 2)
    assert (kind, job_id) == ("end", created.id)
    assert ended_job(record) == jobs.get(created.id)
    assert ended_job(record).result == {"label": "é"}


def test_a_list_s_end_is_told_with_its_counts(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    client: Any = redis
    job_id = jobs.create(single(single=False, queue=Queue.BATCH)).job.id
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(keys.EVENTS)
        assert heard.get_message(timeout=1) is None
        jobs.cancel(job_id)
        record = str(heard.get_message(timeout=1)["data"]).split(" ", 2)[2]
    assert ended_job(record) == jobs.get(job_id)


def test_a_message_is_one_that_celery_reads(jobs: JobStore, redis: Redis, redis_server: RedisServer) -> None:
    job_id = jobs.create(single()).job.id
    celery = make_celery(Settings(redis_url=redis_server.url))
    with celery.connection_for_read() as connection, connection.SimpleQueue(Queue.CLASSIFY.value) as queue:
        message = queue.get(timeout=5)
        message.ack()
    written = celery.amqp.create_task_message("id", Queue.CLASSIFY.value, (f"{job_id}:0",), ignore_result=True)
    assert message.headers["task"] == written.headers["task"]
    assert message.decode()[:2] == [[f"{job_id}:0"], {}] == [list(written.body[0]), written.body[1]]
    assert message.properties["correlation_id"] == message.headers["id"]
