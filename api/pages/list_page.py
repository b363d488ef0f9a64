"""The page of a list: progress, what came of it, why some failed, and the pictures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from api.pages import words
from api.pages.bars import count_bars
from api.pages.format import about, number, plural
from api.pages.list_items import SHOWN, items_of
from api.pages.progress import Progress, progress_of
from api.pages.render import page
from api.pages.waiting import why_waiting
from api.services import services
from shared.jobs import keys
from shared.jobs.model import Job

EVERY_S = 2


def list_page(job: Job) -> Response:
    """Returns the page of a list job."""
    now = time.time()
    show = request.args.get("show", "")
    show = show if show in SHOWN else ""
    start = request.args.get("from", 0, type=int)
    items = items_of(job, show, max(0, start))
    progress = progress_of(job, now)
    labels, errors = _counts(job)
    model = job.spec.get("model") or {}
    return page(
        "list.html",
        refresh=None if job.status.final else EVERY_S,
        job=job,
        title=f"List of {plural(progress.total, 'picture')}",
        model_title=f"{model.get('name')} v{model.get('version')}",
        progress=progress,
        pace=_pace(progress),
        why=why_waiting(job),
        spoken=_spoken(job, progress),
        trouble=words.of_outcome(job.error) if job.error else None,
        labels=count_bars(labels),
        errors=[(code, words.SHORT.get(code, ""), count) for code, count in _most_first(errors)],
        items=items.rows,
        next_from=items.next_from,
        show=show,
        threshold=job.spec.get("threshold") or 0,
    )


def _counts(job: Job) -> tuple[dict[str, int], dict[str, int]]:
    """Returns how many pictures got each label and failed with each code, so far."""
    redis: Any = services().redis
    counts: Mapping[str, str] = redis.hgetall(keys.counts(job.id))
    labels = {name[2:]: int(count) for name, count in counts.items() if name.startswith("l:")}
    return labels, {name[2:]: int(count) for name, count in counts.items() if name.startswith("e:")}


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _pace(progress: Progress) -> str:
    if progress.rate is None:
        return ""
    rate = f"{number(progress.rate) if progress.rate >= 10 else f'{progress.rate:.1f}'} a second"
    return rate if progress.left_s is None else f"{rate} · about {about(progress.left_s)} left"


def _spoken(job: Job, progress: Progress) -> str:
    if job.status.final:
        sums = f"{plural(progress.succeeded, 'answer')}, {plural(progress.failed, 'failure')}"
        return f"The list has {job.status.value}: {sums}."
    return f"{progress.spoken} percent done." if progress.done else "The list waits for its first answer."
