"""One parameter of a recipe: its kind, its default, what it may be, and what it does."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

Value = bool | int | float | str

KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "path": "a path below the import folder",
}
LONGEST_PATH = 1024


class Record(BaseModel):
    """The root of a recipe's parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Param(Record):
    """What a request may set.

    Attributes:
        min: the least number, allowed itself; None where there are no numbers. `max` likewise.
        choices: the words of a choice.
    """

    type: Literal["int", "float", "bool", "choice", "path"]
    default: Value
    min: int | float | None = None
    max: int | float | None = None
    choices: tuple[str, ...] | None = None
    help: str

    @model_validator(mode="after")
    def _default_is_taken(self) -> Param:
        problem = self.wrong(self.default)
        if problem is not None:
            raise ValueError(f"default: {problem}")
        return self

    def wrong(self, value: object) -> str | None:
        """Returns what is wrong with a value in words, or None if it is taken."""
        return None if self._taken(value) else f"expected {self._expected()}, received {_shown(value)}"

    def typed(self, value: Any) -> Value:
        """Returns a value that is taken as this parameter's type: 1 becomes 1.0 where a number is meant."""
        return float(value) if self.type == "float" else value

    def _taken(self, value: object) -> bool:
        # In Python True is a whole number; in a request it is a mistake.
        if isinstance(value, bool):
            return self.type == "bool"
        if isinstance(value, int | float):
            fits = self.type == "float" or (self.type == "int" and isinstance(value, int))
            return fits and self._within(value)
        if not isinstance(value, str):
            return False
        return value in (self.choices or ()) or (self.type == "path" and 0 < len(value) <= LONGEST_PATH)

    def _within(self, value: float) -> bool:
        low = -math.inf if self.min is None else self.min
        high = math.inf if self.max is None else self.max
        return low <= value <= high

    def _expected(self) -> str:
        if self.choices is not None:
            return f"one of {', '.join(self.choices)}"
        kind = KINDS[self.type]
        return kind if self.min is None else f"{kind} from {self.min} to {self.max}"


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
