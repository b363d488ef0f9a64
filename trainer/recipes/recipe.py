"""What a recipe is: everything a training needs but the pictures. Data, not code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.errors import FieldError, InvalidRequest
from shared.preprocess_spec import PreprocessSpec
from trainer.catalog import Catalog

Value = int | float


class Record(BaseModel):
    """The root of a recipe's parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Param(Record):
    """One number that a request may set: its kind, default, bounds (both allowed themselves) and what it does."""

    type: Literal["int", "float"]
    default: Value
    min: Value
    max: Value
    help: str

    def wrong(self, value: object) -> str | None:
        """Returns what is wrong with a value in words, or None if it is taken."""
        # In Python True is a whole number; in a request it is a mistake.
        number = isinstance(value, int if self.type == "int" else (int, float)) and not isinstance(value, bool)
        if number and self.min <= value <= self.max:  # type: ignore[operator]
            return None
        kind = "a whole number" if self.type == "int" else "a number"
        return f"expected {kind} from {self.min} to {self.max}, received {value!r}"


class Step(Record):
    """One augmentation, by its name and options (see trainer/augmentations)."""

    name: str
    options: dict[str, Value] = {}


class Recipe(Record):
    """How to make a model.

    Attributes:
        datasets: names of datasets it is made for; a hint, any dataset may be used.
        architecture: a name in trainer/architectures, with its options.
        augmentations: applied to each training picture, in order.
        params: what a request may change.
    """

    name: str
    help: str
    datasets: tuple[str, ...] = ()
    architecture: str
    architecture_options: dict[str, Any] = {}
    input: PreprocessSpec
    optimizer: Literal["adam"] = "adam"
    activation: Literal["softmax"] = "softmax"
    augmentations: tuple[Step, ...] = ()
    params: dict[str, Param]

    def settings(self, overrides: Mapping[str, object]) -> dict[str, Value]:
        """Returns every parameter's value: the default, or what the request says.

        Raises:
            InvalidRequest: a parameter is unknown or its value is not taken; `errors` names each.
        """
        errors = tuple(
            FieldError(f"params.{name}", problem)
            for name, value in overrides.items()
            if (problem := self._wrong(name, value)) is not None
        )
        if errors:
            raise InvalidRequest("; ".join(f"{error.field}: {error.message}" for error in errors), errors)
        values = {name: param.default for name, param in self.params.items()} | dict(overrides)
        return {name: self._typed(name, value) for name, value in values.items()}

    def _wrong(self, name: str, value: object) -> str | None:
        if name not in self.params:
            return f"the recipe {self.name} has {', '.join(self.params)}; received {name!r}"
        return self.params[name].wrong(value)

    def _typed(self, name: str, value: Any) -> Value:
        return int(value) if self.params[name].type == "int" else float(value)


recipes: Catalog[Recipe] = Catalog("recipe", "trainer.recipes")
