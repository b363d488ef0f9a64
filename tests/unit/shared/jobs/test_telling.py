"""Who is told of a job: those who wait for its news, and the workers, by messages that Celery reads."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.celery_app import make_celery
from shared.jobs import keys
from shared.jobs.model import Outcome, Queue, Status
from shared.jobs.record import job_of
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.settings import Settings
from tests.support.redis_server import RedisServer
from tests.support.toy_jobs import run, single, two_chunks


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
    assert job_of(record) == jobs.get(created.id)
    assert job_of(record).result == {"label": "é"}


def test_the_ends_of_jobs_that_end_together_are_one_message(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    client: Any = redis
    job_ids = [jobs.create(single()).job.id for _ in range(3)]
    for job_id in job_ids:
        assert units.claim(f"{job_id}:0", "token")
    outcome = Outcome(status=Status.SUCCEEDED, result={"label": "two\nlines"})
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(keys.EVENTS)
        assert heard.get_message(timeout=1) is None
        units.finish_all([(f"{job_id}:0", 1, outcome) for job_id in job_ids])
        lines = str(heard.get_message(timeout=1)["data"]).split("\n")
        assert heard.get_message(timeout=0.1) is None
    assert [line.split(" ", 2)[:2] for line in lines] == [["end", job_id] for job_id in job_ids]
    assert [job_of(line.split(" ", 2)[2]) for line in lines] == [jobs.get(job_id) for job_id in job_ids]


def test_a_list_s_end_is_told_with_its_counts(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    client: Any = redis
    job_id = jobs.create(single(single=False, queue=Queue.BATCH)).job.id
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(keys.EVENTS)
        assert heard.get_message(timeout=1) is None
        jobs.cancel(job_id)
        record = str(heard.get_message(timeout=1)["data"]).split(" ", 2)[2]
    assert job_of(record) == jobs.get(job_id)


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
