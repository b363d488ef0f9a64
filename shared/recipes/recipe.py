"""What a recipe is: everything a training needs but the pictures. Data, not code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from shared.errors import FieldError, InvalidRequest
from shared.preprocess_spec import PreprocessSpec
from shared.recipes.known import KNOWN
from shared.recipes.param import Param, Record, Value

Balance = Literal["none", "undersample", "oversample", "class_weight"]


class Step(Record):
    """One augmentation, by its name and the options that no parameter sets (see trainer/augmentations)."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class Recipe(Record):
    """How to make a model.

    Attributes:
        datasets: what it was made for, in words; any dataset may be used.
        architecture: a name in trainer/architectures, with the options that no parameter sets.
        loss: binary cross-entropy has one sigmoid output, and so takes exactly two classes.
        balance: what is done about unequal classes unless a request says otherwise.
        augmentations: applied to each training picture, in order.
        params: what a request may change.
    """

    name: str
    help: str
    datasets: tuple[str, ...] = ()
    architecture: str
    architecture_options: dict[str, Any] = Field(default_factory=dict)
    loss: Literal["categorical_crossentropy", "binary_crossentropy"]
    balance: Balance = "none"
    input: PreprocessSpec
    augmentations: tuple[Step, ...] = ()
    params: dict[str, Param]

    @field_validator("params", mode="before")
    @classmethod
    def _full(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Completes each parameter, a default or a table with one, by what is known of its name."""
        unknown = set(given) - set(KNOWN)
        if unknown:
            raise ValueError(f"expected parameters of shared/recipes/known.py, received {', '.join(sorted(unknown))}")
        tables = {name: value if isinstance(value, dict) else {"default": value} for name, value in given.items()}
        return {name: KNOWN[name] | table for name, table in tables.items()}

    @property
    def activation(self) -> Literal["softmax", "sigmoid"]:
        """What the model's last layer does."""
        return "sigmoid" if self.loss == "binary_crossentropy" else "softmax"

    def settings(self, overrides: Mapping[str, object]) -> dict[str, Value]:
        """Returns every parameter's value: the default, or what the request says.

        Raises:
            InvalidRequest: a parameter is unknown or its value is not taken; `errors` names each.
        """
        found = {name: self._wrong(name, value) for name, value in overrides.items()}
        errors = tuple(FieldError(f"params.{name}", problem) for name, problem in found.items() if problem)
        if errors:
            raise InvalidRequest("; ".join(f"{error.field}: {error.message}" for error in errors), errors)
        values = {name: param.default for name, param in self.params.items()} | dict(overrides)
        return {name: self.params[name].typed(value) for name, value in values.items()}

    def check_classes(self, count: int) -> None:
        """Refuses a dataset that the recipe's last layer cannot tell apart.

        Raises:
            InvalidRequest: for the field `recipe`.
        """
        if count < 2 or (self.activation == "sigmoid" and count != 2):
            expected = "exactly two classes" if self.activation == "sigmoid" else "at least two classes"
            hint = " Recipes with categorical cross-entropy take more." if count > 2 else ""
            message = f"{self.name} takes datasets of {expected}, received one of {count}.{hint}"
            raise InvalidRequest(message, (FieldError("recipe", message),))

    def _wrong(self, name: str, value: object) -> str | None:
        if name not in self.params:
            return f"the recipe {self.name} has {', '.join(self.params)}; received {name!r}"
        return self.params[name].wrong(value)
