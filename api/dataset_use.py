"""Whether unfinished work or a schedule needs a dataset."""

from __future__ import annotations

from api.schedules import schedule_store
from api.services import Services
from api.unfinished import unfinished
from shared.errors import InUse
from shared.jobs.model import Job, Json, Kind
from shared.jobs.store import JobStore


def check_unused(services: Services, name: str) -> None:
    """Refuses to part with a dataset that is still needed.

    Raises:
        InUse: by a job that has not ended, or by a schedule.
    """
    job = user_of(services.jobs, name)
    if job is not None:
        raise InUse(f"The {job.kind} {job.id} needs {name!r} and has not ended. Cancel it, or wait for its end.")
    schedules = [schedule.name for schedule in schedule_store(services).all() if schedule.dataset == name]
    if schedules:
        raise InUse(f"Schedules train on {name!r}: {', '.join(schedules)}. Delete them first.")


def user_of(jobs: JobStore, name: str) -> Job | None:
    """Returns a training or import that has not ended and needs the dataset, None if there is none."""
    return next((job for job in unfinished(jobs, Kind.TRAINING, Kind.IMPORT) if dataset_of(job.spec) == name), None)


def dataset_of(spec: Json) -> str | None:
    """Returns the dataset that a training or an import works with."""
    dataset = spec.get("dataset")
    if isinstance(dataset, dict):
        dataset = dataset.get("name")
    if dataset is None and "source" in spec:
        dataset = spec.get("name")
    return None if dataset is None else str(dataset).partition("@")[0]
