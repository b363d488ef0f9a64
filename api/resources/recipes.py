"""/api/v1/recipes: the ways to train there are, with every parameter."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import answered
from api.bodies import read_query
from api.name_pages import page_of
from api.operation import Operation, documented
from shared import errors
from shared.recipes import recipe, recipe_names
from shared.schemas.base import NamesQuery
from shared.schemas.training import RecipePage, RecipeView

blueprint = Blueprint("recipes", __name__)


@blueprint.get("/api/v1/recipes")
@documented(
    Operation(
        summary="List recipes by name",
        tag="Training",
        description="A recipe says how to make a model; a training may set any of its `params`.",
        query=NamesQuery,
        answers={200: [RecipePage]},
        errors=(errors.InvalidRequest,),
    )
)
def index() -> Response:
    """Lists recipes."""
    query = read_query(NamesQuery)
    names, following = page_of(recipe_names(), query)
    items = [RecipeView.of(recipe(name)) for name in names]
    return answered(RecipePage(items=items, next_cursor=following))
