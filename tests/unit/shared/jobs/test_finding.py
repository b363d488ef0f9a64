"""Jobs found by their ids and listed, on a real Redis."""

from __future__ import annotations

import time
import uuid

import pytest
from redis import Redis

from shared import errors, ids
from shared.jobs import keys
from shared.jobs.model import Json, Kind, Outcome, Status
from shared.jobs.store import READ_AT_ONCE, JobStore
from shared.jobs.units import UnitStore
from tests.support.toy_jobs import run, single


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


def test_a_page_has_jobs_as_they_are_alone(jobs: JobStore, units: UnitStore, redis: Redis) -> None:
    made = [jobs.create(single(single=bool(number % 2))).job.id for number in range(READ_AT_ONCE + 3)]
    claim = units.claim(f"{made[0]}:0", "token")
    assert claim is not None
    units.finish(claim.unit_id, 1, Outcome(failed=1, errors={"http_status": 1}))
    redis.hset(keys.job(made[1]), "webhook", "{}")
    redis.rpush(keys.tries(made[1]), '{"status": 500}', '{"status": 200}')
    redis.delete(keys.job(made[2]))

    page = jobs.page(limit=len(made))

    assert page.jobs == [jobs.get(job_id) for job_id in reversed(made) if job_id != made[2]]
    assert page.jobs[-2].tries == ({"status": 500}, {"status": 200})
    assert [job.id for job in jobs.page(limit=3).jobs] == made[:-4:-1]


def test_what_is_in_a_record_is_read_as_it_was_written(jobs: JobStore, units: UnitStore) -> None:
    given: Json = {"url": 'http://example.org/%s%20%d?"a\\b"', "é\n\ud800": [None, True, 0.1, {}, [], "]" * 100_000]}
    job_id = jobs.create(single(spec=given, owner='o"w\\n%s')).job.id
    run(units, f"{job_id}:0", Outcome(status=Status.SUCCEEDED, result=given))

    for job in (jobs.get(job_id), *jobs.page().jobs):
        assert (job.spec, job.result, job.owner, job.error) == (given, given, 'o"w\\n%s', None)
