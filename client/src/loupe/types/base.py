"""What all answers share: the whole of them is kept, so that fields which a newer server adds are not lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """The root: `raw` is the whole answer, as it came; fields have the names that they have there."""

    raw: Json = field(repr=False, compare=False)

    @classmethod
    def read(cls, found: Json) -> Self:
        """Reads an answer of the server."""
        return cls._of(found)

    @classmethod
    def _of(cls, found: Json, **converted: Any) -> Self:
        """Takes every field that is not in `converted` as it came; what is a list becomes a tuple."""
        plain = {one.name: found[one.name] for one in fields(cls) if one.name not in {"raw", *converted}}
        frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
        return cls(raw=found, **frozen, **converted)


@dataclass(frozen=True)
class Reason:
    """Why a job or a picture failed: a stable code, and words."""

    code: str
    message: str

    @classmethod
    def read(cls, found: Json | None) -> Self | None:
        """Reads one, if there is one."""
        return cls(found["code"], found["message"]) if found else None


@dataclass(frozen=True)
class ModelVersion:
    """A version of a model; `version` is None where the model alone is known."""

    name: str
    version: int | None

    @classmethod
    def read(cls, found: Json | None) -> Self | None:
        """Reads one, if there is one."""
        return cls(found["name"], found["version"]) if found else None

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}@{self.version}"
