"""Webhooks as clients ask for them and see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.fetch.urls import redact
from shared.jobs.model import Json
from shared.schemas.base import Answer, Request, Time, rfc3339
from shared.schemas.problem import CodedError


class WebhookRequest(Request):
    """Who is told of the end."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=8192)] = Field(
        description="A POST goes there, signed with LOUPE_WEBHOOK_SECRET, which has to be set."
    )


class TellRequest(Request):
    """Telling a webhook again takes nothing."""


class WebhookAttempt(Answer):
    """One try to tell an event."""

    id: str = Field(description="The event's `webhook-id`, the same in every try.")
    type: str = Field(description="`job.succeeded`, `job.failed`, `job.canceled` or `model.promoted`.")
    attempt: int
    at: Time
    duration_ms: float
    status: int | None = Field(description="Of the answer, if one came.")
    error: CodedError | None = Field(description="Null when it was told.")
    next_attempt_at: Time | None


class Webhook(Answer):
    """A job's webhook, and every try to tell it something."""

    url: str
    attempts: list[WebhookAttempt] = Field(description="Oldest first, the last 100.")

    @classmethod
    def of(cls, url: str, tries: Sequence[Json]) -> Webhook:
        """Returns what clients see: credentials in the URL are hidden."""
        times = ("at", "next_attempt_at")
        shown = [made | {name: rfc3339(made[name]) for name in times} for made in tries]
        return cls(url=redact(url), attempts=[WebhookAttempt.model_validate(made) for made in shown])
