from __future__ import annotations

from shared.recipes import recipe_names
from tests.support.api_world import ApiWorld

ASKED_FOR = [
    "cats-dogs-64",
    "cats-dogs-gray-80",
    "fashion-28",
    "kitten-puppy-64",
    "modern",
    "natural-images-32",
    "transfer",
]


def test_recipes_are_listed_with_every_parameter(api: ApiWorld) -> None:
    answer = api.get("/api/v1/recipes").json

    assert answer is not None
    assert answer["next_cursor"] is None
    assert [found["name"] for found in answer["items"]] == recipe_names()
    assert set(ASKED_FOR) < set(recipe_names())
    for found in answer["items"]:
        assert {"epochs", "batch_size", "learning_rate", "validation_fraction"} <= set(found["params"])
        for param in found["params"].values():
            assert {"type", "default", "min", "max", "help"} <= set(param)
            assert param["help"]


def test_a_parameter_says_what_it_may_be(api: ApiWorld) -> None:
    answer = api.get("/api/v1/recipes").json
    assert answer is not None
    transfer = next(found for found in answer["items"] if found["name"] == "transfer")

    assert transfer["params"]["epochs"] | {"help": ""} == {
        "type": "int",
        "default": 5,
        "min": 1,
        "max": 1000,
        "choices": None,
        "help": "",
    }
    assert transfer["params"]["optimizer"]["choices"] == ["adam", "adamw", "sgd"]
    assert transfer["params"]["weights"]["type"] == "path"
    assert transfer["input"]["scale"] == "-1..1"


def test_recipes_come_in_pages(api: ApiWorld) -> None:
    first = api.get("/api/v1/recipes?limit=3").json
    assert first is not None
    second = api.get(f"/api/v1/recipes?limit=1000&cursor={first['next_cursor']}").json
    assert second is not None

    assert [found["name"] for found in first["items"] + second["items"]] == recipe_names()
    assert api.get("/api/v1/recipes?limt=3").status_code == 422
