from __future__ import annotations

import pytest

from shared.errors import InvalidRequest
from shared.preprocess_spec import PreprocessSpec
from trainer.augmentations.augmentation import augmentations
from trainer.recipes.recipe import Param, Recipe, recipes

TOY = Recipe(
    name="toy",
    help="A toy.",
    architecture="small_cnn",
    input=PreprocessSpec(width=8, height=8, color="grey"),
    params={
        "epochs": Param(type="int", default=3, min=1, max=10, help="Rounds."),
        "learning_rate": Param(type="float", default=0.1, min=0.0, max=1.0, help="Stride."),
    },
)


def test_what_is_not_asked_for_has_its_default() -> None:
    assert TOY.settings({}) == {"epochs": 3, "learning_rate": 0.1}
    assert TOY.settings({"epochs": 10}) == {"epochs": 10, "learning_rate": 0.1}


def test_a_whole_number_is_a_number_too() -> None:
    learning_rate = TOY.settings({"learning_rate": 1})["learning_rate"]
    assert (learning_rate, type(learning_rate)) == (1.0, float)


@pytest.mark.parametrize("value", [0, 11, 2.5, "3", True, None, float("nan")])
def test_a_value_that_is_not_taken_is_named_with_what_was_expected(value: object) -> None:
    with pytest.raises(InvalidRequest, match="expected a whole number from 1 to 10, received") as caught:
        TOY.settings({"epochs": value})
    assert [error.field for error in caught.value.errors] == ["params.epochs"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, False])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"params\.learning_rate: expected a number from 0\.0 to 1\.0"):
        TOY.settings({"learning_rate": value})


def test_every_wrong_parameter_is_named() -> None:
    with pytest.raises(InvalidRequest, match="has epochs, learning_rate; received 'epoch'") as caught:
        TOY.settings({"epoch": 3, "epochs": 0})
    assert {error.field for error in caught.value.errors} == {"params.epoch", "params.epochs"}


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_stands_under_its_own_name_and_names_augmentations_that_exist(name: str) -> None:
    recipe = recipes.get(name)
    assert recipe.name == name
    assert {"epochs", "batch_size", "learning_rate", "validation_fraction"} <= set(recipe.params)
    assert recipe.settings({}) == {key: param.default for key, param in recipe.params.items()}
    for step in recipe.augmentations:
        augmentations.get(step.name)(**step.options)
