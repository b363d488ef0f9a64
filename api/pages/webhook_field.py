"""The field for who is told of a job's end, where webhooks can be signed."""

from __future__ import annotations

from dataclasses import replace

from api.pages.inputs import Input
from api.services import services

WEBHOOK = Input(
    "webhook",
    "Tell this address when it ends",
    "Optional. A signed POST goes there, and the job's page shows every try.",
    example="https://hooks.example.org/loupe",
)


def webhook_field(entered: str = "") -> Input | None:
    """Returns the field with what was entered; None without LOUPE_WEBHOOK_SECRET, which signs what is told."""
    return replace(WEBHOOK, value=entered) if services().settings.webhook_secret else None
