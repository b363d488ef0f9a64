"""Where a job's files lie in storage: all below one folder, so that deleting a job deletes one folder."""

from __future__ import annotations

ROOT = "jobs"


def folder(job_id: str) -> str:
    """Everything of a job."""
    return f"{ROOT}/{job_id}"


def uploads(job_id: str) -> str:
    """All uploaded pictures of a job."""
    return f"{ROOT}/{job_id}/uploads"


def upload_path(job_id: str, index: int) -> str:
    """An uploaded picture as it came."""
    return f"{ROOT}/{job_id}/uploads/{index}"


def image_path(job_id: str, index: int) -> str:
    """The small JPEG picture of an item."""
    return f"{ROOT}/{job_id}/images/{index}.jpg"


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
