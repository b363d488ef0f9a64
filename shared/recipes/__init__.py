"""The recipes: one TOML file each, beside this one. The API shows and checks them, the trainer carries them out."""

from shared.recipes.files import recipe, recipe_names
from shared.recipes.param import Param, Value
from shared.recipes.recipe import Balance, Recipe, Step

__all__ = ["Balance", "Param", "Recipe", "Step", "Value", "recipe", "recipe_names"]
