"""Schedules on a real Redis and a folder, and hands that do the trainer's part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis

from scheduler.schedules import Schedules
from shared.datasets.layout import MANIFEST, file_path, newest_path
from shared.datasets.manifest import Newest
from shared.ids import new_id
from shared.jobs.model import Job, Json, Kind, NewJob, Outcome, Status
from shared.jobs.store import Created, JobStore
from shared.jobs.units import UnitStore
from shared.registry import Registry
from shared.registry.manifest import Dataset
from shared.schedules.record import Run, Schedule
from shared.schedules.runs import Runs
from shared.schedules.store import ScheduleStore
from shared.schemas.training import TrainingRequest
from shared.settings import Settings
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from tests.support.toy_datasets import toy_dataset, toy_report

VERSION = "3f2a00000000"
FOLDER: Json = {"type": "directory", "path": "pets"}


def store_dataset(storage: Storage, name: str = "pets", version: str = VERSION, source: Json | None = None) -> None:
    """Tells a storage of a dataset that was never imported."""
    manifest = toy_dataset(name, version, toy_report(), {})
    asked: Json = {"source": source or FOLDER, "test_fraction": 0.3, "seed": 5}
    newest = Newest(version=version, imported_at=datetime.now(UTC), **asked)
    storage.write_bytes(file_path(name, version, MANIFEST), manifest.model_dump_json().encode())
    storage.write_bytes(newest_path(name), newest.model_dump_json().encode())


def toy_schedule(name: str = "weekly", **changes: Any) -> Schedule:
    """Returns a schedule that is due every hour."""
    fields: Json = {
        "id": new_id(),
        "name": name,
        "cron": "0 * * * *",
        "timezone": "UTC",
        "skip_unchanged": False,
        "training": TrainingRequest(dataset="pets", recipe="cats-dogs-64", model="pets"),
        "created_at": 0.0,
        "dealt_until": 0.0,
    }
    return Schedule.model_validate(fields | changes)


@dataclass
class ScheduleWorld:
    """One scheduler's view of it all; make several on the same Redis and folder for several schedulers.

    Attributes:
        now: what its clock shows, in seconds since 1970.
    """

    redis: Redis
    folder: Path
    now: float = 0.0
    made: list[NewJob] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = Settings(data_dir=self.folder)
        self.storage = Storage(str(self.folder / "storage"))
        self.jobs = JobStore(self.redis, ttl_s=600, max_queued_items=100)
        self.units = UnitStore(self.redis)
        self.store = ScheduleStore(self.redis, self.storage)
        self.runs = Runs(self.settings, self.redis, self.storage, self.jobs, self.create)
        self.schedules = Schedules(self.store, self.runs, lambda: self.now)

    def create(self, new: NewJob) -> Created:
        """Makes a job."""
        self.made.append(new)
        return self.jobs.create(new)

    def at(self, now: float) -> None:
        """Sets the clock and lets the scheduler have a round."""
        self.now = now
        self.schedules.round()

    def run(self, name: str = "weekly") -> Run:
        """Returns a schedule's newest run."""
        return self.store.get(name).runs[0]

    def waiting(self, kind: Kind) -> Job:
        """Returns the one job of a kind that waits."""
        (job,) = self.jobs.page(kind=kind, status=Status.QUEUED).jobs
        return job

    def end(self, kind: Kind, result: Json | None = None, error: Json | None = None) -> Job:
        """Ends the one job of a kind that waits, as the trainer does."""
        job = self.waiting(kind)
        claim = self.units.claim(f"{job.id}:0", "token")
        assert claim is not None
        status = Status.FAILED if error else Status.SUCCEEDED
        self.units.finish(claim.unit_id, claim.attempt, Outcome(done=0, status=status, result=result, error=error))
        return job

    def imported(self, version: str = VERSION, *, added: int = 0, removed: int = 0) -> Job:
        """Ends the import that waits."""
        store_dataset(self.storage, version=version)
        report = {"added": added, "removed": removed}
        result = {"dataset": {"name": "pets", "version": version}, "created": added > 0, "report": report}
        return self.end(Kind.IMPORT, result)

    def trained(self) -> Job:
        """Ends the training that waits, with a version of its model."""
        registry = Registry(self.storage)
        asked = self.waiting(Kind.TRAINING).spec
        number = registry.last_version("pets") + 1
        dataset = Dataset(**asked["dataset"])
        manifest = toy_manifest("pets", number).model_copy(update={"recipe": asked["recipe"], "dataset": dataset})
        registry.publish(manifest, {"model.keras": b"weights"})
        reason = f"Version {number} is served."
        return self.end(Kind.TRAINING, {"model": {"name": "pets", "version": number}, "reason": reason})
