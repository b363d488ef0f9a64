"""The source `generated`: pictures drawn on the spot, the same ones for the same seed."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import FieldError, InvalidRequest
from trainer.datasets.shapes import Shapes
from trainer.datasets.source import Source, sources


class Generated(BaseModel):
    """The fields of the source."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["generated"]
    name: Literal["shapes"]
    # Fewer than 12 pictures could leave a side of the split without a class.
    count: int = Field(default=2000, ge=12, le=100_000)


@sources.register("generated")
def generated(source: dict[str, Any], seed: int) -> Source:
    """Opens the drawn pictures.

    Raises:
        InvalidRequest: a field is wrong.
    """
    try:
        wanted = Generated.model_validate(source)
    except ValidationError as error:
        errors = tuple(
            FieldError(".".join(["source", *map(str, found["loc"])]), f"{found['msg']}, received {found['input']!r}")
            for found in error.errors()
        )
        raise InvalidRequest("; ".join(f"{e.field}: {e.message}" for e in errors), errors) from error
    return Shapes(wanted.count, seed)
