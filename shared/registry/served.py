"""The served pointer: which version of a model answers."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Served(BaseModel):
    """One model's pointer; `previous_version` is the one that answered before, and the way back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    previous_version: int | None
    promoted_at: AwareDatetime
