from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared.errors import ScheduleExists, ScheduleNotFound, StorageUnavailable
from shared.schedules.record import MOST_RUNS, Run, Schedule
from shared.schedules.store import SERVER, ScheduleStore
from shared.storage import Storage
from tests.support.redis_server import RedisServer
from tests.support.schedule_world import toy_schedule


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


@pytest.fixture
def store(redis: Redis, storage: Storage) -> ScheduleStore:
    return ScheduleStore(redis, storage)


def in_storage(storage: Storage, name: str = "weekly") -> Schedule:
    return Schedule.model_validate_json(storage.read_bytes(f"schedules/{name}.json"))


def changed(schedule: Schedule | None) -> Schedule:
    assert schedule is not None
    return schedule


def block(storage: Storage) -> Path:
    """Puts a file where the folder of schedules is to be."""
    path = Path(storage.url, "schedules")
    if path.exists():
        path.rename(path.with_name("elsewhere"))
    path.write_bytes(b"")
    return path


def unblock(path: Path) -> None:
    path.unlink()
    if path.with_name("elsewhere").exists():
        path.with_name("elsewhere").rename(path)


def test_a_schedule_is_kept_in_redis_and_as_a_file(store: ScheduleStore, storage: Storage) -> None:
    weekly, daily = toy_schedule(), toy_schedule("daily")
    store.create(weekly)
    store.create(daily)
    assert [schedule.name for schedule in store.all()] == ["daily", "weekly"]
    assert store.get("weekly") == in_storage(storage) == weekly


def test_a_name_is_taken_once(store: ScheduleStore) -> None:
    store.create(toy_schedule())
    with pytest.raises(ScheduleExists, match="weekly"):
        store.create(toy_schedule())


def test_of_two_who_change_what_they_saw_one_is_refused(store: ScheduleStore, storage: Storage) -> None:
    seen = toy_schedule()
    store.create(seen)
    first = changed(store.replace(seen, seen.with_(paused=True)))
    assert store.replace(seen, seen.with_(cron="1 * * * *")) is None
    assert store.get("weekly") == in_storage(storage) == first
    assert first.revision == 2


def test_a_later_schedule_of_the_same_name_is_another_one(store: ScheduleStore) -> None:
    old, new = toy_schedule(), toy_schedule()
    store.create(old)
    assert store.delete(old)
    store.create(new)
    assert store.replace(old, old.with_(paused=True)) is None
    assert not store.delete(old)
    assert store.get("weekly") == new


def test_a_deleted_schedule_is_gone_from_both(store: ScheduleStore, storage: Storage) -> None:
    seen = toy_schedule()
    store.create(seen)
    assert store.delete(seen)
    with pytest.raises(ScheduleNotFound, match="weekly"):
        store.get("weekly")
    assert storage.names("schedules") == []


def test_an_emptied_redis_is_filled_from_storage(store: ScheduleStore, redis: Redis) -> None:
    seen = toy_schedule()
    store.create(seen)
    now = changed(store.replace(seen, seen.begun(Run(at=7.0, due_at=7.0), dealt_until=7.0)))
    redis.flushall()
    assert store.all() == [now]


def test_a_redis_that_lost_its_last_second_takes_it_from_storage(own_redis: RedisServer, storage: Storage) -> None:
    redis = Redis.from_url(own_redis.url, decode_responses=True)
    store = ScheduleStore(redis, storage)
    kept, fired, deleted = toy_schedule("kept"), toy_schedule("fired"), toy_schedule("deleted")
    for schedule in (kept, fired, deleted):
        store.create(schedule)
    before: Any = redis.hgetall("loupe:schedules")
    now = changed(store.replace(fired, fired.begun(Run(at=7.0, due_at=7.0), dealt_until=7.0)))
    new = toy_schedule("new")
    store.create(new)
    assert store.delete(deleted)
    # Given a server that went away and came back as it was a second before
    redis.delete("loupe:schedules")
    redis.hset("loupe:schedules", mapping=before)
    own_redis.stop()
    own_redis.start()
    assert store.all() == [now, kept, new]
    redis.close()


def changed_and_lost(store: ScheduleStore, redis: Redis) -> tuple[Schedule, Schedule, Any]:
    """Returns a schedule as it was, as it is after a change, and what Redis held before the change."""
    seen = toy_schedule()
    store.create(seen)
    lost: Any = redis.hgetall("loupe:schedules")
    return seen, changed(store.replace(seen, seen.begun(Run(at=7.0, due_at=7.0), dealt_until=7.0))), lost


def test_a_redis_that_lost_what_it_was_about_to_save_does_not_save_what_was_before(
    store: ScheduleStore, storage: Storage, redis: Redis
) -> None:
    _, now, lost = changed_and_lost(store, redis)
    # Given a server that came back as it was while an earlier change was on its way to storage
    redis.hset("loupe:schedules", mapping=lost)
    redis.sadd("loupe:schedules:unsaved", "weekly")
    redis.set(SERVER, "another")
    store.save_unsaved()
    assert in_storage(storage) == store.get("weekly") == now


def test_who_saw_a_schedule_before_redis_lost_it_changes_nothing(
    store: ScheduleStore, storage: Storage, redis: Redis
) -> None:
    seen, now, lost = changed_and_lost(store, redis)
    redis.hset("loupe:schedules", mapping=lost)
    redis.set(SERVER, "another")
    # Another scheduler, which stood still since it looked, begins the same slot
    assert store.replace(seen, seen.begun(Run(at=8.0, due_at=7.0), dealt_until=8.0)) is None
    assert not store.delete(seen)
    assert in_storage(storage) == store.get("weekly") == now


def test_a_schedule_is_made_on_a_redis_that_was_just_started(
    store: ScheduleStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(toy_schedule("first"))
    look = store.reconcile

    def look_too_soon() -> None:
        look()
        redis.set(SERVER, "another")
        monkeypatch.undo()

    monkeypatch.setattr(store, "reconcile", look_too_soon)
    store.create(toy_schedule("second"))
    assert [one.name for one in store.all()] == ["first", "second"]


def test_what_storage_could_not_take_is_written_when_it_is_back(store: ScheduleStore, storage: Storage) -> None:
    seen = toy_schedule()
    store.create(seen)
    path = block(storage)
    with pytest.raises(StorageUnavailable):
        store.replace(seen, seen.with_(paused=True))
    with pytest.raises(StorageUnavailable):
        store.save_unsaved()
    unblock(path)
    store.save_unsaved()
    assert in_storage(storage) == store.get("weekly")
    assert in_storage(storage).paused


def test_what_storage_could_not_take_outlives_a_restart_of_redis(
    store: ScheduleStore, storage: Storage, redis: Redis
) -> None:
    seen = toy_schedule()
    store.create(seen)
    path = block(storage)
    with pytest.raises(StorageUnavailable):
        store.replace(seen, seen.with_(paused=True))
    unblock(path)
    redis.set(SERVER, "another")
    assert store.get("weekly").paused


def test_a_schedule_that_storage_does_not_take_is_not_made(store: ScheduleStore, storage: Storage) -> None:
    path = block(storage)
    with pytest.raises(StorageUnavailable):
        store.create(toy_schedule())
    unblock(path)
    assert store.all() == []
    store.create(toy_schedule())


def test_a_file_that_is_no_schedule_hides_no_other(
    store: ScheduleStore, storage: Storage, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    store.create(toy_schedule())
    storage.write_bytes("schedules/broken.json", b"\xff{}")
    storage.write_bytes("schedules/README", b"mine")
    redis.flushall()
    assert [schedule.name for schedule in store.all()] == ["weekly"]
    assert "'broken' cannot be read" in caplog.text
    redis.hset("loupe:schedules", "older", '{"name": "older"}')
    assert [schedule.name for schedule in store.all()] == ["weekly"]


def test_what_a_later_release_adds_is_left_alone(store: ScheduleStore, storage: Storage, redis: Redis) -> None:
    store.create(toy_schedule())
    kept = json.loads(storage.read_bytes("schedules/weekly.json"))
    storage.write_bytes("schedules/weekly.json", json.dumps({**kept, "colour": "red"}).encode())
    redis.flushall()
    seen = store.get("weekly")
    assert store.replace(seen, seen.with_(paused=True)) is not None


def test_old_runs_go_but_for_one_that_goes_on() -> None:
    schedule = toy_schedule().begun(Run(at=0.0), dealt_until=0.0)
    for number in range(1, MOST_RUNS + 5):
        schedule = schedule.begun(Run(at=float(number)).ended("skipped_overlap"), dealt_until=float(number))
    assert [schedule.runs[0].at, schedule.last_run_at] == [MOST_RUNS + 4.0, MOST_RUNS + 4.0]
    assert len(schedule.runs) == MOST_RUNS + 1
    assert schedule.under_way == Run(at=0.0)
    ended = schedule.gone_on(Run(at=0.0).ended("ran")).begun(Run(at=99.0).ended("ran"), dealt_until=99.0)
    assert len(ended.runs) == MOST_RUNS
