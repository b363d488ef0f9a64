"""The root of what the registry stores."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class Record(BaseModel):
    """The root. Fields unknown to this release are those of a later one, and are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
