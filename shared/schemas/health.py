"""Health as clients see it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from shared.schemas.base import Answer


class Alive(Answer):
    """The process lives."""

    status: str = "ok"


class Part(Answer):
    """One part of Loupe: whether it works, and if not, why."""

    ok: bool
    detail: str = ""
    models: list[dict[str, Any]] | None = Field(
        default=None, description="What the workers for single images hold, and which of it answers (`serving`)."
    )


class Readiness(Answer):
    """Whether a picture sent now would be classified."""

    ready: bool
    parts: dict[str, Part]
