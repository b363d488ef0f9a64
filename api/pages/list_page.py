"""The page of a list: progress, what came of it, why some failed, and the pictures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from api.pages import words
from api.pages.bars import MOST_BARS, count_bars
from api.pages.format import duration, plural
from api.pages.list_filter import ListFilter, list_filter
from api.pages.list_items import rows_of
from api.pages.progress import Progress, progress_of
from api.pages.refresh import refresh_of
from api.pages.render import page
from api.pages.waiting import why_waiting
from api.services import services
from shared.errors import LoupeError
from shared.jobs import keys
from shared.jobs.model import Job

# A model with more classes than this offers for the filter those that were found.
MOST_OFFERED = 200


@dataclass(frozen=True)
class Reason:
    """Why some pictures failed: the code, what it means, what to do, and where those pictures are."""

    code: str
    short: str
    next: str
    count: int
    href: str


def list_page(job: Job) -> Response:
    """Returns the page of a list job.

    Raises:
        InvalidRequest: the query asks for what cannot be filtered.
    """
    now = time.time()
    counts, model_labels = _counts(job), _labels(job)
    labels, errors = _with_prefix(counts, "l:"), _with_prefix(counts, "e:")
    shown = list_filter(job, request.args, model_labels if 0 < len(model_labels) <= MOST_OFFERED else sorted(labels))
    progress = progress_of(job, now)
    model = job.spec.get("model") or {}
    return page(
        "list.html",
        refresh=refresh_of(job),
        job=job,
        title=f"Batch of {plural(progress.total, 'picture')}",
        model_title=f"{model.get('name')} v{model.get('version')}",
        model_href=f"/models/{model.get('name')}/{model.get('version')}",
        progress=progress,
        pace=_pace(job, progress),
        why=why_waiting(job),
        spoken=_spoken(job, progress),
        trouble=words.of_outcome(job.error) if job.error else None,
        labels=count_bars(labels, model_labels, lambda label: shown.href(label=label)),
        more_labels=max(0, len(labels) - MOST_BARS) if len(model_labels) > MOST_BARS else 0,
        reasons=_reasons(errors, shown),
        shown=shown,
        items=rows_of(job, shown.query),
        threshold=job.spec.get("threshold"),
        unsure=int(counts.get("below_threshold", 0)),
    )


def _counts(job: Job) -> Mapping[str, str]:
    """Returns what a list's pictures came to so far; `keys.counts` says how."""
    redis: Any = services().redis
    counts: Mapping[str, str] = redis.hgetall(keys.counts(job.id))
    return counts


def _with_prefix(counts: Mapping[str, str], prefix: str) -> dict[str, int]:
    return {name[len(prefix) :]: int(count) for name, count in counts.items() if name.startswith(prefix)}


def _labels(job: Job) -> Sequence[str]:
    """Returns the classes of the version that answers, none when it has been deleted since."""
    model = job.spec.get("model") or {}
    try:
        return services().registry.manifest(str(model["name"]), int(model["version"])).labels
    except (LoupeError, KeyError, TypeError):
        return ()


def _reasons(errors: Mapping[str, int], shown: ListFilter) -> list[Reason]:
    ordered = sorted(errors.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Reason(code, words.SHORT.get(code, ""), words.next_step(code), count, shown.href(status="failed", error=code))
        for code, count in ordered
    ]


def _pace(job: Job, progress: Progress) -> str:
    if progress.rate is None:
        return ""
    if job.finished_at and job.started_at:
        return f"took {duration(job.finished_at - job.started_at)} · {progress.rate_words}"
    return " · ".join(filter(None, (progress.rate_words, progress.left_words)))


def _spoken(job: Job, progress: Progress) -> str:
    if job.status.final:
        sums = f"{plural(progress.succeeded, 'answer')}, {plural(progress.failed, 'failure')}"
        return f"The batch has {job.status.value}: {sums}."
    return f"{progress.spoken} percent done." if progress.done else "The batch waits for its first answer."
