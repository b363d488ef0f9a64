"""The page that starts a training."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.bodies import validate
from api.idempotency import form_key
from api.pages.render import page
from api.pages.train_form import asked, train_form
from api.pages.webhook_field import webhook_field
from api.services import services
from api.train import submit_training
from shared.datasets import DatasetManifest, DatasetStore
from shared.errors import LoupeError
from shared.jobs.store import Created
from shared.recipes import Recipe, recipe, recipe_names
from shared.schemas.training import TrainingRequest

blueprint = Blueprint("pages_train", __name__)
DEFAULT_RECIPE = "modern"
PREFILLED = ("dataset", "model")


@blueprint.get("/train")
def train_page() -> Response:
    """Shows the form, for the recipe that the query names."""
    name = request.args.get("recipe", "")
    chosen = recipe(name if name in recipe_names() else DEFAULT_RECIPE)
    return _page(chosen, {key: request.args[key] for key in PREFILLED if request.args.get(key)})


@blueprint.post("/train")
def train() -> AnyResponse:
    """Takes the form. What is wrong with it is said beside its field; otherwise the training's page follows."""
    chosen = recipe(request.form.get("recipe", ""))
    try:
        created = _submit(chosen, request.form)
    except LoupeError as error:
        if error.status >= 500:
            raise
        return _page(chosen, request.form, error)
    return redirect(f"/jobs/{created.job.id}", 303)


def _page(chosen: Recipe, entered: Mapping[str, str], error: LoupeError | None = None) -> Response:
    datasets = newest_datasets()
    return page(
        "train.html",
        http_status=error.status if error else 200,
        recipes=[recipe(name) for name in recipe_names()],
        kept={key: entered[key] for key in PREFILLED if entered.get(key)},
        chosen=chosen,
        form=train_form(chosen, datasets, entered, error, webhook_field()) if datasets else None,
    )


def newest_datasets() -> list[DatasetManifest]:
    """Returns the newest version of each dataset."""
    store = DatasetStore(services().storage)
    return [store.manifest(name) for name in store.names()]


def _submit(chosen: Recipe, form: Mapping[str, str]) -> Created:
    return submit_training(services(), validate(TrainingRequest, asked(chosen, form)), form_key())
