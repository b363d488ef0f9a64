"""What the scheduler does each round, on a real Redis and a folder."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from scheduler import purge as purge_module
from scheduler.bootstrap import MARK, Bootstrap
from scheduler.leader import KEY, Leadership
from scheduler.purge import Purge
from shared import ids
from shared.errors import StorageUnavailable
from shared.jobs import files, keys, tokens
from shared.jobs.model import Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.registry import Registry
from shared.storage import Storage
from shared.uploads import LIFE_S, Upload, Uploads
from tests.support.engines import publish_toy
from tests.support.unit_world import dead_token

ROOT = Path(__file__).parents[3]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


@pytest.fixture
def jobs(redis: Redis) -> JobStore:
    return JobStore(redis, ttl_s=60, max_queued_items=100)


def purge(redis: Redis, storage: Storage, *, keep_images: bool = True) -> Purge:
    return Purge(redis, storage, keep_images=keep_images, ttl_s=60)


def test_one_of_several_leads_and_another_follows_when_it_is_gone(redis: Redis) -> None:
    first, second = Leadership(redis), Leadership(redis)
    assert [first.hold(), second.hold(), first.hold()] == [True, False, True]
    redis.delete(KEY)
    assert [second.hold(), first.hold()] == [True, False]


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can be seen to be dead elsewhere")
def test_a_leader_that_died_on_this_machine_is_followed_at_once(redis: Redis) -> None:
    second, dead = Leadership(redis), dead_token()
    # Given a leader that died on another machine, or before a restart of this one
    redis.set(KEY, dead.replace(tokens.place(), "elsewhere"))
    assert not second.hold()
    # When it died here
    redis.set(KEY, dead)
    # Then another one leads, and keeps the lease
    assert [second.hold(), Leadership(redis).hold(), second.hold()] == [True, False, True]


def test_an_empty_registry_gets_one_training(redis: Redis, jobs: JobStore, storage: Storage) -> None:
    for _ in range(2):
        Bootstrap(redis, jobs, Registry(storage)).round()
    (job,) = jobs.page(kind=Kind.TRAINING).jobs
    client: Any = redis
    assert client.llen(keys.PREFIX + Queue.TRAIN) == 1
    assert job.spec["recipe"] == "shapes"


def test_a_scheduler_that_died_half_way_makes_the_same_training(redis: Redis, jobs: JobStore, storage: Storage) -> None:
    job_id = ids.new_id()
    redis.set(MARK, job_id)
    Bootstrap(redis, jobs, Registry(storage)).round()
    assert [job.id for job in jobs.page().jobs] == [job_id]


def test_a_registry_with_a_model_gets_no_training(redis: Redis, jobs: JobStore, storage: Storage) -> None:
    registry = Registry(storage)
    publish_toy(registry)
    Bootstrap(redis, jobs, registry).round()
    assert jobs.page().jobs == []


def test_a_job_s_files_and_index_entries_go_when_its_time_is_over(
    redis: Redis, jobs: JobStore, storage: Storage
) -> None:
    client: Any = redis
    new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], {}, single=True)
    kept = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], {}, single=True)
    units = UnitStore(redis)
    for job in (new, kept):
        jobs.create(job)
        storage.write_bytes(files.upload_path(job.id, 0), b"picture")
        storage.write_bytes(files.single_image_path(job.id), b"picture")
        claim = units.claim(f"{job.id}:0", "token")
        assert claim is not None
        units.finish(claim.unit_id, claim.attempt, Outcome(status=Status.SUCCEEDED, result={}))
    # Given that the first one's time is over
    client.zadd(keys.EXPIRING, {new.id: 1})
    client.delete(keys.job(new.id))
    assert purge(redis, storage).round() == 1
    assert storage.names(files.ROOT) == [kept.id, f"{kept.id}.jpg"]
    assert [job.id for job in jobs.page().jobs] == [kept.id]
    assert client.zrange(keys.EXPIRING, 0, -1) == [kept.id]


def test_everything_due_goes_in_one_round(
    redis: Redis, jobs: JobStore, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_module, "MOST_AT_ONCE", 2)
    _expired(redis, jobs, 5)
    assert purge(redis, storage).round() == 5
    assert redis.exists(keys.EXPIRING) == 0
    assert jobs.page().jobs == []


class Stubborn(Storage):
    """Removes nothing of some jobs."""

    keeps: frozenset[str] = frozenset()

    def delete(self, path: str) -> None:
        if files.job_of(path.removeprefix(f"{files.ROOT}/")) in self.keeps:
            raise StorageUnavailable(f"deleting {path}: no answer")
        super().delete(path)


def test_files_that_cannot_be_removed_keep_no_others_and_are_tried_again(
    redis: Redis, jobs: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_module, "MOST_AT_ONCE", 2)
    client: Any = redis
    storage = Stubborn(str(tmp_path))
    # Given two jobs whose files cannot be removed, in front of two others
    expired = _expired(redis, jobs, 4)
    stuck = expired[:2]
    for job_id in expired:
        storage.write_bytes(files.single_image_path(job_id), b"picture")
    storage.keeps = frozenset(stuck)
    purging = purge(redis, storage)
    # When the first of them have been tried
    purging.round()
    purging.round()
    # Then the others are gone
    assert storage.names(files.ROOT) == [f"{job_id}.jpg" for job_id in stuck]
    assert client.zrange(keys.EXPIRING, 0, -1) == stuck
    # And those that stayed are due again soon, and go when that can be done
    soon_ms = (time.time() + 600) * 1000
    assert all(client.zscore(keys.EXPIRING, job_id) < soon_ms for job_id in stuck)
    storage.keeps = frozenset()
    client.zadd(keys.EXPIRING, dict.fromkeys(stuck, 1))
    purging.round()
    assert (storage.names(files.ROOT), client.exists(keys.EXPIRING)) == ([], 0)


def _expired(redis: Redis, jobs: JobStore, count: int) -> list[str]:
    """Returns jobs that ended, and whose time is over, the first one for longest."""
    ended = []
    for place in range(count):
        new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], {}, single=True)
        jobs.create(new)
        jobs.cancel(new.id)
        redis.zadd(keys.EXPIRING, {new.id: place})
        redis.delete(keys.job(new.id))
        ended.append(new.id)
    return ended


def test_files_whose_job_was_never_recorded_go_after_a_day(redis: Redis, jobs: JobStore, storage: Storage) -> None:
    old = _id_of(time.time() - 24 * 3600 - 1)
    young = ids.new_id()
    for job_id in (old, young):
        storage.write_bytes(files.upload_path(job_id, 0), b"picture")
        storage.write_bytes(files.single_image_path(job_id), b"picture")
    purge(redis, storage).round()
    assert storage.names(files.ROOT) == [young, f"{young}.jpg"]


def test_what_a_killed_process_left_half_written_goes_after_a_day(redis: Redis, storage: Storage) -> None:
    # Given two files, one of a model, in whose writes their processes were killed, one of them long ago
    for path in ("models/pets/1/model.keras", "jobs/list.ndjson"):
        _killed_as_it_writes(storage.url, path)
    (old,) = Path(storage.url, "models/pets/1").iterdir()
    (young,) = Path(storage.url, "jobs").iterdir()
    a_day_ago = time.time() - 24 * 3600 - 1
    os.utime(old, (a_day_ago, a_day_ago))
    storage.write_bytes("models/pets/1/labels.json", b"whole")
    os.utime(Path(storage.url, "models/pets/1/labels.json"), (a_day_ago, a_day_ago))
    # Then that one goes
    purge(redis, storage).round()
    assert not old.exists()
    assert young.exists()
    assert storage.names("models/pets/1") == ["labels.json"]


def _killed_as_it_writes(url: str, path: str) -> None:
    code = (
        "import os, signal\nfrom shared.storage import Storage\n"
        f"with Storage({url!r}).open_write({path!r}) as file:\n"
        "    file.write(b'half')\n    file.flush()\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -9


def test_without_keep_images_the_uploads_of_a_canceled_job_go_too(
    redis: Redis, jobs: JobStore, storage: Storage
) -> None:
    job = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], {}, single=True)
    jobs.create(job)
    storage.write_bytes(files.upload_path(job.id, 0), b"picture")
    jobs.cancel(job.id)
    purge(redis, storage).round()
    assert storage.exists(files.upload_path(job.id, 0))
    purge(redis, storage, keep_images=False).round()
    assert not storage.exists(files.upload_path(job.id, 0))


def test_a_folder_that_nobody_finished_sending_goes_after_a_day(redis: Redis, storage: Storage) -> None:
    uploads = Uploads(storage)
    old, used, new = _id_of(time.time() - LIFE_S - 60), _id_of(time.time() - LIFE_S - 60), ids.new_id()
    for upload_id in (old, used, new):
        uploads.begin(Upload(id=upload_id, batches=1, options={"name": "pets"}))
    redis.hset(keys.job(used), "status", Status.RUNNING.value)
    purge(redis, storage).round()
    assert uploads.ids() == sorted([used, new])
    redis.hset(keys.job(used), "status", Status.SUCCEEDED.value)
    purge(redis, storage).round()
    assert uploads.ids() == [new]


def _id_of(seconds: float) -> str:
    """Returns an id that was made then, in seconds since 1970."""
    return str(uuid.UUID(int=(int(seconds * 1000) << 80) | (7 << 76) | (2 << 62) | secrets.randbits(60)))
