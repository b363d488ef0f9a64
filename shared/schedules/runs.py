"""A schedule's run from its slot to its end: import the dataset again, train on it, say what came of it.

Each step is one change of the schedule's record, which only one of several schedulers can make, and each job has its
id in the record before it is made. So whoever goes on with a run, after a crash, a freeze or a restart, goes on where
it stood, and makes no second job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from redis import Redis

from shared.datasets import DatasetStore
from shared.errors import JobNotFound, LoupeError, VersionCorrupt
from shared.ids import new_id
from shared.jobs import keys
from shared.jobs.model import Idempotency, Job, Json, Kind, NewJob, NewUnit, Queue, Status
from shared.jobs.store import Created, JobStore
from shared.registry import Registry
from shared.schedules.outcome import ended_by, failed
from shared.schedules.record import Run, Schedule
from shared.schedules.store import ScheduleStore
from shared.schemas.source import UPLOADED
from shared.settings import Settings
from shared.storage import Storage
from shared.trainings import training_job

log = logging.getLogger(__name__)

# Where it is noted that a run's job was made, and in which run of the Redis server: a later one may have lost the job.
MADE = keys.PREFIX + "schedules:made:"
MADE_TTL_S = 30 * 24 * 3600


class Runs:
    """Begins runs and takes them further.

    Args:
        create: makes a job and sends its units; a job of that id that is there already stays as it is.
    """

    def __init__(
        self,
        settings: Settings,
        redis: Redis,
        storage: Storage,
        jobs: JobStore,
        create: Callable[[NewJob], Created],
    ) -> None:
        self._settings = settings
        self._redis = redis
        self._jobs = jobs
        self._create = create
        self._datasets = DatasetStore(storage)
        self._registry = Registry(storage)
        self._store = ScheduleStore(redis, storage)

    def begin(
        self,
        schedule: Schedule,
        now: float,
        *,
        due_at: float | None = None,
        late: bool = False,
        idempotency: Idempotency | None = None,
        owner: str | None = None,
    ) -> Schedule | None:
        """Begins a run, or notes that it is skipped because the last one goes on.

        Args:
            now: seconds since 1970; slots up to here are dealt with by this run.
            due_at: the slot; None when somebody asked for the run.
            late: whether the slot went by while no scheduler was there.
            idempotency: the key of the request that asked for the run.
            owner: the name of who sent it.

        Returns:
            The schedule with its new run; None if somebody else changed it meanwhile.
        """
        run = Run(at=now, due_at=due_at, late=late, idempotency=idempotency, owner=owner)
        dealt_until = schedule.dealt_until if due_at is None else now
        earlier = schedule.under_way
        if earlier is None:
            begun = self._step(schedule.begun(run, dealt_until=dealt_until), run)
        else:
            told = f"The run before has not ended: job {earlier.job or earlier.first_job}."
            begun = schedule.begun(run.ended("skipped_overlap", told), dealt_until=dealt_until)
        return self._store.replace(schedule, begun)

    def advance(self, schedule: Schedule) -> Schedule:
        """Takes the run under way as far as it can go now, which may mean to make a job.

        Returns:
            The schedule as it then is, as far as nobody else changed it.

        Raises:
            QueueFull, StorageUnavailable, RedisError: it goes on from here when that is over.
        """
        while (run := schedule.under_way) is not None:
            further = self._step(schedule, run)
            changed = None if further == schedule else self._store.replace(schedule, further)
            if changed is None:
                break
            schedule = changed
        return schedule

    def _step(self, schedule: Schedule, run: Run) -> Schedule:
        try:
            if run.job is not None:
                return self._trained(schedule, run)
            if run.import_job is not None:
                return self._imported(schedule, run)
            return self._started(schedule, run)
        except LoupeError as error:
            if error.transient:
                raise
            return schedule.gone_on(run.ended("failed", error.message))

    def _started(self, schedule: Schedule, run: Run) -> Schedule:
        """Returns the schedule with the id of the run's first job noted."""
        newest = self._datasets.known(schedule.dataset)
        if schedule.training.dataset != schedule.dataset:
            told = "The schedule names a version of its dataset, so nothing was imported again."
            return self._to_train(schedule, run.with_(dataset=schedule.training.dataset, detail=told))
        if newest.source["type"] in UPLOADED:
            told = f"{schedule.dataset} was uploaded, and uploads are not kept: nothing was imported again."
            return self._to_train(schedule, run.with_(dataset=f"{schedule.dataset}@{newest.version}", detail=told))
        return schedule.gone_on(run.with_(import_job=new_id()))

    def _imported(self, schedule: Schedule, run: Run) -> Schedule:
        """Returns the schedule after its import; as it is while that goes on."""
        job = self._job(schedule, run, str(run.import_job))
        if not job.status.final:
            return schedule
        if job.status is not Status.SUCCEEDED or job.result is None:
            return schedule.gone_on(failed(run, job))
        found = job.result["dataset"]
        report = job.result["report"]
        version = f"{found['name']}@{found['version']}"
        return self._to_train(schedule, run.with_(dataset=version, added=report["added"], removed=report["removed"]))

    def _to_train(self, schedule: Schedule, run: Run) -> Schedule:
        """Returns the schedule with its training's id noted, or its run skipped."""
        if schedule.skip_unchanged and self._is_trained(schedule, run):
            told = f"The newest version of {schedule.training.model} was trained on {run.dataset} already."
            return schedule.gone_on(run.ended("skipped_unchanged", told))
        job_id = new_id()
        # What cannot be trained, because its classes changed for one, is not even begun.
        self._training_job(schedule, run, job_id)
        return schedule.gone_on(run.with_(job=job_id))

    def _trained(self, schedule: Schedule, run: Run) -> Schedule:
        """Returns the schedule after its training; with that as its last job while it goes on."""
        job = self._job(schedule, run, str(run.job))
        return schedule.gone_on(ended_by(run, job)).with_(last_job=job.id)

    def _job(self, schedule: Schedule, run: Run, job_id: str) -> Job:
        """Returns the job of a step, which is made if it never was."""
        # Asked before the job is looked for, which another one may make just then; and the server after it, which may
        # be started anew just then.
        made_in = self._redis.get(MADE + job_id)
        try:
            return self._jobs.get(job_id)
        except JobNotFound:
            server = self._store.server()
            if made_in == server:
                raise JobNotFound(f"Its job {job_id} was deleted.") from None
        new = self._training_job(schedule, run, job_id) if run.job else self._import_job(schedule, job_id)
        # The request is known again by the first job alone; all of them are its sender's.
        idempotency = run.idempotency if job_id == run.first_job else None
        new = replace(new, owner=run.owner, idempotency=idempotency)
        made = self._create(new).job
        self._redis.set(MADE + job_id, server, ex=MADE_TTL_S)
        log.info("schedule %s: %s %s", schedule.name, new.kind, job_id)
        return made

    def _import_job(self, schedule: Schedule, job_id: str) -> NewJob:
        newest = self._datasets.known(schedule.dataset)
        asked = newest.model_dump(mode="json", include={"source", "test_fraction", "seed"})
        spec: Json = {"name": schedule.dataset, **asked}
        return NewJob(job_id, Kind.IMPORT, Queue.TRAIN, [NewUnit({})], spec, total=0)

    def _training_job(self, schedule: Schedule, run: Run, job_id: str) -> NewJob:
        asked = schedule.training.model_copy(update={"dataset": run.dataset})
        return training_job(self._settings, self._datasets, asked, job_id=job_id)

    def _is_trained(self, schedule: Schedule, run: Run) -> bool:
        """Returns whether the model's newest version comes from the same recipe and the same pictures."""
        asked = schedule.training
        versions = self._registry.versions(asked.model)
        if not versions:
            return False
        try:
            newest = self._registry.manifest(asked.model, versions[-1])
        except VersionCorrupt:
            return False
        return newest.recipe == asked.recipe and f"{newest.dataset.name}@{newest.dataset.version}" == run.dataset
