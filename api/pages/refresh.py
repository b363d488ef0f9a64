"""How long the page of a job is kept up to date."""

from __future__ import annotations

import time

from shared.jobs.model import Job

EVERY_S = 2
# A webhook is told right after the end; one whose scheduler is away is not waited for.
WEBHOOK_S = 30.0


def refresh_of(job: Job) -> int | None:
    """Returns after how many seconds the page is fetched again; None once there is nothing to wait for."""
    if not job.status.final:
        return EVERY_S
    ended_s = time.time() - (job.finished_at or 0)
    return EVERY_S if job.spec.get("webhook") and not job.tries and ended_s < WEBHOOK_S else None
