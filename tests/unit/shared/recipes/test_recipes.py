from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from shared.errors import InvalidRequest
from shared.preprocess_spec import PreprocessSpec
from shared.recipes import Param, Recipe, recipe, recipe_names

TOY = Recipe(
    name="toy",
    help="A toy.",
    architecture="small_cnn",
    loss="categorical_crossentropy",
    input=PreprocessSpec(width=8, height=8, color="grey"),
    # A default alone is completed by what is known of the name.
    params={
        "epochs": {"default": 3, "max": 10},
        "learning_rate": 0.1,
        "flip": False,
        "optimizer": "adam",
        "weights": "net.h5",
    },
)


def test_what_is_not_asked_for_has_its_default() -> None:
    defaults = {"epochs": 3, "learning_rate": 0.1, "flip": False, "optimizer": "adam", "weights": "net.h5"}
    assert TOY.settings({}) == defaults
    assert TOY.settings({"epochs": 10, "flip": True}) == defaults | {"epochs": 10, "flip": True}


def test_a_whole_number_is_a_number_too() -> None:
    learning_rate = TOY.settings({"learning_rate": 1})["learning_rate"]
    assert (learning_rate, type(learning_rate)) == (1.0, float)


@pytest.mark.parametrize("value", [0, 11, 2.5, "3", True, None, float("nan"), [3], {}])
def test_a_value_that_is_not_taken_is_named_with_what_was_expected(value: object) -> None:
    with pytest.raises(InvalidRequest, match="expected a whole number from 1 to 10, received") as caught:
        TOY.settings({"epochs": value})
    assert [error.field for error in caught.value.errors] == ["params.epochs"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, False, "0.1"])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"params\.learning_rate: expected a number from 1e-07 to 10\.0"):
        TOY.settings({"learning_rate": value})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("flip", 1, "true or false"),
        ("flip", "true", "true or false"),
        ("optimizer", "adagrad", "one of adam, adamw, sgd"),
        ("optimizer", 1, "one of adam, adamw, sgd"),
        ("weights", "", "a path below the import folder"),
        ("weights", 7, "a path below the import folder"),
        ("weights", "x" * 2000, "a path below the import folder"),
    ],
)
def test_each_kind_of_parameter_says_what_it_takes(name: str, value: object, expected: str) -> None:
    with pytest.raises(InvalidRequest, match=f"params.{name}: expected {expected}, received"):
        TOY.settings({name: value})


def test_every_wrong_parameter_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"has epochs, .*; received 'epoch'") as caught:
        TOY.settings({"epoch": 3, "epochs": 0})
    assert {error.field for error in caught.value.errors} == {"params.epoch", "params.epochs"}


def test_a_recipe_with_an_unknown_parameter_or_a_default_it_would_refuse_is_none() -> None:
    fields = TOY.model_dump() | {"params": {"epoch": 3}}
    with pytest.raises(ValidationError, match=r"known.py, received epoch"):
        Recipe.model_validate(fields)
    with pytest.raises(ValidationError, match="default: expected a whole number from 1 to 5, received 6"):
        Param(type="int", default=6, min=1, max=5, help="")


def test_a_sigmoid_takes_two_classes_and_a_softmax_more() -> None:
    binary, many = recipe("cats-dogs-64"), recipe("modern")
    binary.check_classes(2)
    many.check_classes(2)
    many.check_classes(10)
    with pytest.raises(InvalidRequest, match="exactly two classes, received one of 3"):
        binary.check_classes(3)
    with pytest.raises(InvalidRequest, match="at least two classes, received one of 1"):
        many.check_classes(1)


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_is_named_by_its_file_and_its_defaults_are_taken(name: str) -> None:
    found = recipe(name)
    assert found.name == name
    assert {"epochs", "batch_size", "learning_rate", "validation_fraction"} <= set(found.params)
    assert found.settings({}) == {key: param.default for key, param in found.params.items()}


def test_an_unknown_recipe_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match=r"expected one of .*shapes.*, received 'shape'") as caught:
        recipe("shape")
    assert [error.field for error in caught.value.errors] == ["recipe"]


def test_recipes_are_read_without_numpy() -> None:
    code = (
        "import sys; from shared.recipes import recipe; recipe('modern'); print({'numpy', 'keras'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
