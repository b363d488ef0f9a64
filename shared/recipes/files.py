"""Finds and reads the recipes' files."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from shared.errors import FieldError, InvalidRequest
from shared.recipes.recipe import Recipe

FOLDER = Path(__file__).parent


def recipe_names() -> list[str]:
    """Returns all recipes' names, sorted."""
    return sorted(_all())


def recipe(name: str) -> Recipe:
    """Returns the recipe of that name.

    Raises:
        InvalidRequest: there is none; the message lists those there are.
    """
    found = _all().get(name)
    if found is None:
        message = f"expected one of {', '.join(recipe_names())}, received {name[:80]!a}"
        raise InvalidRequest(f"recipe: {message}", (FieldError("recipe", message),))
    return found


@cache
def _all() -> dict[str, Recipe]:
    """Reads every file once. A recipe is named by its file."""
    files = sorted(FOLDER.glob("*.toml"))
    return {path.stem: Recipe.model_validate({"name": path.stem, **tomllib.loads(path.read_text())}) for path in files}
