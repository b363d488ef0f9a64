"""The gate's rules as a request gives them."""

from __future__ import annotations

from pydantic import Field

from shared.schemas.base import Request, Share


class Gate(Request):
    """By which rules a new version replaces the served one."""

    min_gain: Share = Field(
        default=0.0, description="The new version has to be right this much more often, and more often at all."
    )
    max_class_drop: Share = Field(default=0.02, description="No class's recall may drop by more than this.")
    min_accuracy: Share | None = Field(default=None, description="The new version has to be right at least this often.")
