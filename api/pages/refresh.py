"""How often pages are fetched again, and whether the page of a job is."""

from __future__ import annotations

from api.services import services
from shared.jobs.model import Job
from shared.jobs.webhooks import WebhookStore

EVERY_S = 2


def refresh_of(job: Job) -> int | None:
    """Returns after how many seconds the page is fetched again; None once there is nothing to wait for."""
    if not job.status.final:
        return EVERY_S
    # It is told within a second or two; what is tried again later is for who looks again.
    if "webhook" in job.spec and WebhookStore(services().redis).is_untried(job.id):
        return EVERY_S
    return None
