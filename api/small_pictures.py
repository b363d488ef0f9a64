"""The small pictures that workers keep of items. A single job's is drawn just after its answer is out."""

from __future__ import annotations

import time

from api.intake.repeats import first_of
from api.services import Services
from shared.errors import NoImage
from shared.jobs.files import image_path, single_image_path
from shared.jobs.model import Job

# How soon after a job's end its small picture is there, if one is kept at all.
FOLLOWS_S = 1.0
LOOK_EVERY_S = 0.05


def is_kept(services: Services, job: Job, index: int) -> bool:
    """Returns whether an item's picture is there, or may still come."""
    return _may_come(services, job) or services.storage.exists(_path(job, index))


def read(services: Services, job: Job, index: int) -> bytes:
    """Returns an item's picture, JPEG; who asks right after the job's end is made to wait for it.

    A URL that came again in a list was fetched once, and has one picture.

    Raises:
        NoImage: none is kept.
    """
    total = job.progress["total"]
    if index >= total:
        raise NoImage(f"Job {job.id} has the items 0 to {total - 1}; received {str(index)[:40]}.")
    first = first_of(services.storage, job.id, index) if job.spec.get("repeats") else index
    while True:
        try:
            return services.storage.read_bytes(_path(job, first))
        except FileNotFoundError:
            if not _may_come(services, job):
                raise NoImage(f"No picture is kept for item {index} of job {job.id}.") from None
            time.sleep(LOOK_EVERY_S)


def _path(job: Job, index: int) -> str:
    return single_image_path(job.id) if job.single and index == 0 else image_path(job.id, index)


def _may_come(services: Services, job: Job) -> bool:
    if not (services.settings.keep_images and job.single and job.error is None and job.finished_at is not None):
        return False
    return time.time() < job.finished_at + FOLLOWS_S
