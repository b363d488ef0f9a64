"""What is to be imported: a name, where the pictures come from, and how they are split."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas.base import Name


class DatasetSpec(BaseModel):
    """One dataset to be.

    Attributes:
        source: an object with `type`, as in the API's "Datasets".
        test_fraction: share of each class that is kept for the test side.
        seed: decides which, and what generated pictures look like.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    source: dict[str, Any]
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)


# There from the start, so that a new user has something to train on.
SHAPES = DatasetSpec(name="shapes", source={"type": "generated", "name": "shapes", "count": 2000})
