"""Whether the server works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from loupe.types.base import Answer, Json


@dataclass(frozen=True)
class Part:
    """One part of Loupe, whether it works, and if not, why."""

    ok: bool
    detail: str


@dataclass(frozen=True)
class Readiness(Answer):
    """Whether a picture sent now would be classified, and what each part says."""

    ready: bool
    parts: Mapping[str, Part]

    @classmethod
    def read(cls, found: Json) -> Self:
        """Reads what `/readyz` says."""
        parts = {name: Part(part["ok"], part.get("detail") or "") for name, part in found["parts"].items()}
        return cls._of(found, parts=parts)
