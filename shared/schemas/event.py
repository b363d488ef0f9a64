"""What webhooks are told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.schemas.base import Answer, Time
from shared.schemas.job import JobView

JobEventType = Literal["job.succeeded", "job.failed", "job.canceled"]


class JobEvent(Answer):
    """A job has ended."""

    type: JobEventType
    timestamp: Time
    data: JobView = Field(description="The job as it was at its end.")


class PromotedVersion(Answer):
    """A version that answers from now on."""

    name: str = Field(description="Of the model.")
    version: int
    previous_version: int | None
    promoted_at: Time
    reason: str | None = Field(
        description="Why the pointer came back here by itself; null where somebody, or the gate, promoted the version."
    )
    job_id: str = Field(description="The training that made the version.")


class PromotionEvent(Answer):
    """A version answers from now on."""

    type: Literal["model.promoted"]
    timestamp: Time
    data: PromotedVersion
