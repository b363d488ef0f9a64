"""How a picture becomes a model's input. Saved in each version's manifest and replayed wherever the model runs.

It lives outside `shared.imaging`, so that a manifest can be read where OpenCV is not installed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# 4,096 a side is far above what image classifiers take, and keeps one input under 64 MB.
MAX_SIDE = 4096


class PreprocessSpec(BaseModel):
    """Size, colour, resize mode, interpolation and scale of a model's input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=1, le=MAX_SIDE, description="Width of the input in pixels.")
    height: int = Field(ge=1, le=MAX_SIDE, description="Height of the input in pixels.")
    color: Literal["rgb", "grey"] = Field(description="Three channels, red first, or one.")
    resize: Literal["stretch", "crop", "pad"] = Field(
        default="stretch",
        description="Change the shape; or keep it and cut the middle out; or keep it and add black borders.",
    )
    interpolation: Literal["area", "linear", "nearest"] = Field(
        default="area", description="How pixels are averaged. `area` falls back to linear where it enlarges."
    )
    scale: Literal["0..1", "-1..1", "0..255"] = Field(
        default="0..1", description="The range that 0 to 255 is mapped to."
    )

    @property
    def channels(self) -> int:
        """Channels of the input: 3 for rgb, 1 for grey."""
        return 3 if self.color == "rgb" else 1
