"""Recipes and trainings as clients see and ask for them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from shared.preprocess_spec import PreprocessSpec
from shared.recipes import Balance, Recipe, Value
from shared.registry import Policy
from shared.schemas.base import Answer, Name, Request
from shared.schemas.gate import Gate
from shared.schemas.webhook import WebhookRequest

# A dataset's name, or with @ one of its versions.
DatasetRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}(@[0-9a-f]{1,64})?$")]


class TrainingRequest(Request):
    """A model to train."""

    dataset: DatasetRef = Field(
        description="A dataset's name, for its newest version, or `name@3f2a…` for a given one."
    )
    recipe: str = Field(max_length=100, description="A name from `/api/v1/recipes`.")
    model: Name = Field(description="The model that gets a new version; it need not exist yet.")
    params: dict[str, Any] = Field(default={}, description="What differs from the recipe's defaults.")
    balance: Balance | None = Field(
        default=None, description="What is done about unequal classes; by default what the recipe says."
    )
    seed: int = Field(default=0, ge=0, lt=2**32, description="The same seed gives the same weights.")
    promote: Policy = Field(
        default="if_better",
        description="Whether the new version is served: by the gate's rules, whatever they say, or not by itself.",
    )
    gate: Gate = Field(default=Gate(), description="By which rules a new version replaces the served one.")
    webhook: WebhookRequest | None = Field(
        default=None, description="Who is told when the training has ended, and whenever its version is promoted."
    )

    @field_validator("params")
    @classmethod
    def _single_values(cls, params: dict[str, Any]) -> dict[str, Any]:
        # Whether the recipe has them, and takes them, is said later. Lists in lists could go deeper than is written.
        wrong = [name for name, value in params.items() if isinstance(value, list | dict)]
        if wrong:
            shown = ", ".join(ascii(name[:40]) for name in wrong[:5])
            message = "Single values are expected, but {names} is a list or an object"
            raise PydanticCustomError("params", message, {"names": shown})
        return params


class ParamView(Answer):
    """One parameter of a recipe."""

    type: Literal["int", "float", "bool", "choice", "path"]
    default: Value
    min: int | float | None = Field(description="The least number, allowed itself; null where there are no numbers.")
    max: int | float | None = Field(description="The greatest number, allowed itself.")
    choices: list[str] | None = Field(description="The words of a choice.")
    help: str


class RecipeView(Answer):
    """A recipe."""

    name: str
    help: str
    datasets: list[str] = Field(description="What it was made for; any dataset may be used.")
    architecture: str
    activation: Literal["softmax", "sigmoid"] = Field(description="With `sigmoid` it takes exactly two classes.")
    balance: Balance = Field(description="What is done about unequal classes by default.")
    input: PreprocessSpec
    params: dict[str, ParamView]

    @classmethod
    def of(cls, recipe: Recipe) -> RecipeView:
        """Returns what clients see of a recipe."""
        return cls.model_validate({**recipe.model_dump(mode="json"), "activation": recipe.activation})


class RecipePage(Answer):
    """One page of the recipes, by name."""

    items: list[RecipeView]
    next_cursor: str | None
