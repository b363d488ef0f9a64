"""Where a job's files lie in storage: below one folder, but for the one small picture that most single jobs have."""

from __future__ import annotations

ROOT = "jobs"
SMALL = ".jpg"


def folder(job_id: str) -> str:
    """Everything of a job."""
    return f"{ROOT}/{job_id}"


def paths(job_id: str) -> tuple[str, str]:
    """All there is of a job: delete these, and it is gone."""
    return folder(job_id), single_image_path(job_id)


def job_of(name: str) -> str:
    """The job whose folder or file has this name directly below `ROOT`."""
    return name.removesuffix(SMALL)


def uploads(job_id: str) -> str:
    """All uploaded pictures of a job."""
    return f"{ROOT}/{job_id}/uploads"


def upload_path(job_id: str, index: int) -> str:
    """An uploaded picture as it came."""
    return f"{ROOT}/{job_id}/uploads/{index}"


def image_path(job_id: str, index: int) -> str:
    """The small JPEG picture of an item of a list."""
    return f"{ROOT}/{job_id}/images/{index}{SMALL}"


def single_image_path(job_id: str) -> str:
    """The small JPEG picture of a single job. Two folders for it alone would cost more than to draw it."""
    return f"{ROOT}/{job_id}{SMALL}"


def input_path(job_id: str, first: int) -> str:
    """The items of some chunks, one JSON object a line; the first is line `first` of the list."""
    return f"{ROOT}/{job_id}/input/{first:08d}.ndjson"


def repeats_folder(job_id: str) -> str:
    """Where the repeated URLs of a list belong."""
    return f"{ROOT}/{job_id}/repeats"


def repeats_path(job_id: str, before: int, index: int) -> str:
    """Some repeats: the first of them is at `index` in the list, and so many come before it."""
    return f"{repeats_folder(job_id)}/{before:08d}-{index:08d}.ndjson"


def results_path(job_id: str, first: int, attempt: int) -> str:
    """A chunk's outcomes, one JSON object a line. The attempt is in the name: a stale worker overwrites nothing."""
    return f"{ROOT}/{job_id}/results/{first:08d}-{attempt}.ndjson"
