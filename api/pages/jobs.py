"""The list of jobs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from api.pages import training_parts
from api.pages.format import plural
from api.pages.render import page
from api.services import services
from shared.errors import FieldError, InvalidRequest
from shared.jobs.model import Job, Kind, Status
from shared.shares import percent

blueprint = Blueprint("pages_jobs", __name__)
ROWS = 50
# Seldom: a long list is read while it is exchanged.
EVERY_S = 5
Choice = TypeVar("Choice", Kind, Status)


@dataclass(frozen=True)
class Row:
    """A job in the list.

    Attributes:
        outcome: what came of it, or how far it is.
        code: the error code in its place when it failed.
    """

    job: Job
    title: str
    outcome: str
    code: str | None
    took_s: float | None


@blueprint.get("/jobs")
def jobs_page() -> Response:
    """Lists jobs, newest first, by kind and status."""
    kind, status = _choice(Kind, "kind"), _choice(Status, "status")
    cursor = request.args.get("cursor") or None
    found = services().jobs.page(kind=kind, status=status, cursor=cursor, limit=ROWS)
    now = time.time()
    open_jobs = any(not job.status.final for job in found.jobs)
    return page(
        "jobs.html",
        refresh=EVERY_S if open_jobs else None,
        rows=[row_of(job, now) for job in found.jobs],
        kinds=[kind.value for kind in Kind],
        statuses=[status.value for status in Status],
        kind=kind,
        status=status,
        cursor=cursor,
        next_cursor=found.next_cursor,
        newest_href=_href(kind, status),
        older_href=_href(kind, status, found.next_cursor),
        kept_s=services().settings.result_ttl_s,
    )


def row_of(job: Job, now: float) -> Row:
    """Returns a job as a row of the list."""
    took = (job.finished_at or now) - job.started_at if job.started_at else None
    code = str(job.error["code"]) if job.error and job.error.get("code") else None
    return Row(job, title_of(job), _outcome(job), code, took)


def title_of(job: Job) -> str:
    """Returns what a job is about in a few words."""
    if job.kind is Kind.TRAINING or (job.kind is Kind.IMPORT and "model" in job.spec):
        return training_parts.title_of(job)
    if job.kind is Kind.IMPORT:
        return f"Import of {job.spec.get('name', 'a dataset')}"
    if not job.single:
        return f"Batch of {plural(job.progress['total'], 'picture')}"
    item = job.result or {}
    return _last_part(str(item.get("filename") or item.get("url") or "One picture"))


def _last_part(name: str) -> str:
    """Shortens an address to its last part, so that a row stays a row."""
    path = name.split("?", 1)[0].split("#", 1)[0].rstrip("/")
    short = path.rsplit("/", 1)[-1] or name
    return short if len(short) <= 48 else f"{short[:47]}…"


def _outcome(job: Job) -> str:
    result, progress = job.result or {}, job.progress
    if job.kind is Kind.CLASSIFICATION and job.single:
        return f"{result['label']}, {percent(result['score'])}" if result.get("label") is not None else ""
    if job.kind is not Kind.CLASSIFICATION and result.get("model"):
        test = (result.get("metrics") or {}).get("test") or {}
        right = f", {percent(test['accuracy'])} right" if "accuracy" in test else ""
        return f"{result['model']['name']} v{result['model']['version']}{right}"
    if job.kind is Kind.IMPORT and result.get("dataset"):
        pictures = (result.get("report") or {}).get("total", 0)
        return f"{result['dataset']['name']} {result['dataset']['version']}, {plural(pictures, 'picture')}"
    if job.kind is Kind.CLASSIFICATION and job.status.final:
        failed = f", {plural(progress['failed'], 'failure')}" if progress["failed"] else ""
        return f"{plural(progress['done'] - progress['failed'], 'answer')}{failed}"
    return percent(progress["done"] / progress["total"], 0) if progress.get("total") else ""


def _choice(kinds: type[Choice], name: str) -> Choice | None:
    value = request.args.get(name)
    if not value:
        return None
    try:
        return kinds(value)
    except ValueError:
        known = ", ".join(known.value for known in kinds)
        raise InvalidRequest(
            "The list cannot be filtered like that.",
            (FieldError(name, f"Expected one of {known}, received {value[:80]!r}."),),
        ) from None


def _href(kind: Kind | None, status: Status | None, cursor: str | None = None) -> str:
    query = {"kind": kind, "status": status, "cursor": cursor}
    text = urlencode({name: value for name, value in query.items() if value})
    return f"/jobs?{text}" if text else "/jobs"
