from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from shared.errors import QueueFull
from shared.ids import new_id
from shared.jobs.model import Job, Kind, Status
from shared.schedules.record import Schedule
from shared.schemas.source import UPLOADED
from tests.support.schedule_world import FOLDER, VERSION, ScheduleWorld, store_dataset, toy_schedule

NEWER = "aaaa00000000"


def begin(world: ScheduleWorld, now: float = 100.0, **options: Any) -> Schedule:
    """Begins a run of the schedule, which is made if need be, and takes it as far as it goes."""
    if not world.store.all():
        world.store.create(toy_schedule(**options.pop("schedule", {})))
    begun = world.runs.begin(world.store.get("weekly"), now, **options)
    assert begun is not None
    return world.runs.advance(begun)


def go_on(world: ScheduleWorld) -> Schedule:
    return world.runs.advance(world.store.get("weekly"))


def test_a_run_imports_its_dataset_again_and_trains_on_what_came(world: ScheduleWorld) -> None:
    # Given a run that was due
    begin(world, due_at=99.0)
    # Then its dataset is imported as it was the last time
    job = world.waiting(Kind.IMPORT)
    assert job.spec == {"name": "pets", "source": FOLDER, "test_fraction": 0.3, "seed": 5}
    assert (world.run().import_job, world.run().job, world.run().outcome) == (job.id, None, None)
    # When the import has ended
    world.imported(NEWER, added=3, removed=1)
    schedule = go_on(world)
    # Then the training is made, on the version that came of it
    training = world.waiting(Kind.TRAINING)
    assert training.spec["dataset"] == {"name": "pets", "version": NEWER}
    assert (schedule.last_job, schedule.runs[0].job, schedule.runs[0].outcome) == (training.id, training.id, None)
    # When that has ended, too
    world.trained()
    run = go_on(world).runs[0]
    assert (run.due_at, run.outcome, run.detail) == (99.0, "ran", "Version 1 is served.")
    assert (run.dataset, run.added, run.removed) == (f"pets@{NEWER}", 3, 1)


def test_a_run_that_is_late_is_caught_up(world: ScheduleWorld) -> None:
    begin(world, due_at=9.0, late=True)
    world.imported()
    go_on(world)
    world.trained()
    assert go_on(world).runs[0].outcome == "caught_up"


def test_a_run_goes_on_where_it_stood_and_makes_no_second_job(world: ScheduleWorld) -> None:
    begin(world)
    for _ in range(3):
        go_on(world)
    world.imported()
    for _ in range(3):
        go_on(world)
    assert [new.kind for new in world.made] == [Kind.IMPORT, Kind.TRAINING]


def test_a_job_that_another_one_makes_just_now_is_not_taken_for_a_deleted_one(
    world: ScheduleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.store.create(toy_schedule())
    begun = world.runs.begin(world.store.get("weekly"), 100.0)
    assert begun is not None
    other = ScheduleWorld(world.redis, world.folder)
    get = world.jobs.get

    def overtaken(job_id: str) -> Job:
        monkeypatch.undo()
        try:
            return get(job_id)
        finally:
            other.runs.advance(begun)

    monkeypatch.setattr(world.jobs, "get", overtaken)
    assert world.runs.advance(begun).runs[0].outcome is None
    assert world.waiting(Kind.IMPORT).id == begun.runs[0].import_job


def test_a_job_that_was_noted_and_never_made_is_made_by_who_goes_on(world: ScheduleWorld) -> None:
    # Given a scheduler that died with an import's id in the record
    world.store.create(toy_schedule())
    seen = world.runs.begin(world.store.get("weekly"), 100.0)
    assert seen is not None
    job_id = new_id()
    noted = world.store.replace(seen, seen.gone_on(seen.runs[0].with_(import_job=job_id)))
    assert noted is not None
    # When another one goes on, and the first one comes back and does so, too
    world.runs.advance(noted)
    world.runs.advance(noted)
    assert world.waiting(Kind.IMPORT).id == job_id


def test_a_job_that_redis_lost_is_made_again_under_its_id(world: ScheduleWorld, redis: Redis) -> None:
    run = begin(world).runs[0]
    redis.flushall()
    go_on(world)
    assert world.waiting(Kind.IMPORT).id == run.import_job
    assert world.run() == run


def test_a_job_that_a_crash_of_redis_took_as_it_was_made_is_made_again(world: ScheduleWorld, redis: Redis) -> None:
    # Given a job that was made in an earlier run of the server, which lost it, and the note that came after
    run = begin(world).runs[0]
    redis.flushall()
    redis.set(f"loupe:schedules:made:{run.import_job}", "an earlier run of the server")
    go_on(world)
    assert world.waiting(Kind.IMPORT).id == run.import_job


def test_a_job_that_somebody_deleted_is_not_made_again(world: ScheduleWorld) -> None:
    begin(world)
    job = world.end(Kind.IMPORT, {})
    world.jobs.delete(job.id)
    run = go_on(world).runs[0]
    assert (run.outcome, run.detail) == ("failed", f"Its job {job.id} was deleted.")


def test_who_looks_at_an_old_record_changes_nothing(world: ScheduleWorld) -> None:
    # Given a scheduler that stands still with what it read
    world.store.create(toy_schedule())
    old = world.store.get("weekly")
    # When another one fires the slot, and the first one wakes
    begin(world, due_at=99.0)
    assert world.runs.begin(old, 100.0, due_at=99.0) is None
    assert world.runs.advance(old) == old
    assert len(world.store.get("weekly").runs) == 1
    assert len(world.made) == 1


def test_a_run_is_skipped_while_the_one_before_imports_or_trains(world: ScheduleWorld) -> None:
    begin(world, 100.0)
    importing = world.waiting(Kind.IMPORT)
    skipped = begin(world, 200.0, due_at=199.0).runs[0]
    assert (skipped.outcome, skipped.due_at) == ("skipped_overlap", 199.0)
    assert importing.id in (skipped.detail or "")
    world.imported()
    go_on(world)
    training = world.waiting(Kind.TRAINING)
    schedule = begin(world, 300.0, due_at=299.0)
    assert training.id in (schedule.runs[0].detail or "")
    assert schedule.last_job == training.id
    world.trained()
    assert [run.outcome for run in go_on(world).runs] == ["skipped_overlap", "skipped_overlap", "ran"]


def test_with_skip_unchanged_the_same_pictures_are_not_trained_on_twice(world: ScheduleWorld) -> None:
    # Given a model that a run has trained
    begin(world, schedule={"skip_unchanged": True})
    world.imported()
    go_on(world)
    trained = world.trained()
    assert go_on(world).runs[0].outcome == "ran"
    # When the next run finds the same pictures
    begin(world, 200.0)
    world.imported()
    schedule = go_on(world)
    # Then nothing is trained
    assert schedule.runs[0].outcome == "skipped_unchanged"
    assert f"pets@{VERSION}" in (schedule.runs[0].detail or "")
    assert schedule.last_job == trained.id
    # And when there are others, they are trained on
    begin(world, 300.0)
    world.imported(NEWER, added=1)
    go_on(world)
    world.trained()
    assert go_on(world).runs[0].outcome == "ran"


def test_a_training_that_failed_leaves_the_pictures_untrained(world: ScheduleWorld) -> None:
    begin(world, schedule={"skip_unchanged": True})
    world.imported()
    go_on(world)
    world.end(Kind.TRAINING, error={"code": "training_failed", "message": "It broke."})
    run = go_on(world).runs[0]
    assert (run.outcome, run.detail) == ("failed", "The training failed, training_failed: It broke.")
    begin(world, 200.0)
    world.imported()
    go_on(world)
    assert world.waiting(Kind.TRAINING)


def test_a_recipe_that_changed_is_trained_on_the_same_pictures(world: ScheduleWorld) -> None:
    begin(world, schedule={"skip_unchanged": True})
    world.imported()
    go_on(world)
    world.trained()
    schedule = go_on(world)
    other = schedule.training.model_copy(update={"recipe": "modern"})
    assert world.store.replace(schedule, schedule.with_(training=other))
    begin(world, 200.0)
    world.imported()
    go_on(world)
    assert world.waiting(Kind.TRAINING).spec["recipe"] == "modern"


def test_a_source_that_is_gone_fails_the_run_and_trains_nothing(world: ScheduleWorld) -> None:
    begin(world)
    world.end(Kind.IMPORT, error={"code": "source_not_found", "message": "There is nothing at 'pets'."})
    schedule = go_on(world)
    assert schedule.runs[0].outcome == "failed"
    assert schedule.runs[0].detail == "The import failed, source_not_found: There is nothing at 'pets'."
    assert schedule.last_job is None
    assert world.jobs.page(kind=Kind.TRAINING).jobs == []


@pytest.mark.parametrize("kind", [Kind.IMPORT, Kind.TRAINING])
def test_a_job_that_is_canceled_ends_the_run(world: ScheduleWorld, kind: Kind) -> None:
    begin(world)
    if kind is Kind.TRAINING:
        world.imported()
        go_on(world)
    world.jobs.cancel(world.waiting(kind).id)
    run = go_on(world).runs[0]
    assert (run.outcome, run.detail) == ("failed", f"The {kind} was canceled.")


@pytest.mark.parametrize("kind", UPLOADED)
def test_what_was_uploaded_is_trained_on_as_it_is(world: ScheduleWorld, kind: str) -> None:
    store_dataset(world.storage, source={"type": kind, "filename": "pets"})
    run = begin(world).runs[0]
    assert world.waiting(Kind.TRAINING).spec["dataset"] == {"name": "pets", "version": VERSION}
    assert run.import_job is None
    world.trained()
    told = "pets was uploaded, and uploads are not kept: nothing was imported again."
    ended = go_on(world).runs[0]
    assert (ended.outcome, ended.detail) == ("ran", f"{told} Version 1 is served.")
    assert (ended.added, ended.removed) == (None, None)


def test_an_upload_that_was_trained_on_is_skipped_by_skip_unchanged(world: ScheduleWorld) -> None:
    store_dataset(world.storage, source={"type": "archive", "filename": "pets.zip"})
    begin(world, schedule={"skip_unchanged": True})
    world.trained()
    go_on(world)
    run = begin(world, 200.0).runs[0]
    assert (run.outcome, run.job) == ("skipped_unchanged", None)
    assert run.detail is not None
    assert run.detail.startswith("pets was uploaded, and uploads are not kept: nothing was imported again.")


def test_a_given_version_is_trained_on_as_it_is(world: ScheduleWorld) -> None:
    store_dataset(world.storage, version=NEWER)
    training = toy_schedule().training.model_copy(update={"dataset": f"pets@{VERSION}"})
    begin(world, schedule={"training": training})
    assert world.waiting(Kind.TRAINING).spec["dataset"] == {"name": "pets", "version": VERSION}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"dataset": "birds"}, "There is no dataset named 'birds'."),
        ({"recipe": "gone"}, "expected one of cats-dogs-64"),
    ],
)
def test_what_cannot_be_trained_fails_the_run(world: ScheduleWorld, changes: dict[str, str], expected: str) -> None:
    begin(world, schedule={"training": toy_schedule().training.model_copy(update=changes)})
    if "recipe" in changes:
        world.imported()
    schedule = go_on(world)
    assert schedule.runs[0].outcome == "failed"
    assert expected in (schedule.runs[0].detail or "")
    assert schedule.last_job is None


def test_a_full_queue_is_waited_for(world: ScheduleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.store.create(toy_schedule())

    def full(*_: object) -> None:
        raise QueueFull

    with monkeypatch.context() as patch:
        patch.setattr(world.runs, "_create", full)
        with pytest.raises(QueueFull):
            begin(world)
    assert world.run().outcome is None
    go_on(world)
    assert world.waiting(Kind.IMPORT).status is Status.QUEUED
