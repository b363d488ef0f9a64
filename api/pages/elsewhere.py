"""The page that takes in a model trained elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.access import audit
from api.bodies import validate
from api.idempotency import form_key
from api.model_import import submit_model
from api.pages.dataset_form import MOST_SUGGESTIONS, suggested_paths
from api.pages.elsewhere_form import asked, elsewhere_form
from api.pages.render import page
from api.pages.train import newest_datasets
from api.services import services
from shared.errors import LoupeError
from shared.schemas.base import Name
from shared.schemas.model import ModelImportRequest

blueprint = Blueprint("pages_elsewhere", __name__)
PREFILLED = ("dataset", "model")


class NamedImport(ModelImportRequest):
    """The request with the model's name, which the API has in the path."""

    model: Name


@blueprint.get("/train/elsewhere")
def elsewhere_page() -> Response:
    """Shows the form."""
    return _page({key: request.args[key] for key in PREFILLED if request.args.get(key)})


@blueprint.post("/train/elsewhere")
def bring_in() -> AnyResponse:
    """Takes the form. What is wrong with it is said beside its field; otherwise the import's page follows."""
    try:
        wanted = validate(NamedImport, asked(request.form))
        plain = ModelImportRequest(**{name: getattr(wanted, name) for name in ModelImportRequest.model_fields})
        created = submit_model(services(), wanted.model, plain, form_key())
    except LoupeError as error:
        if error.status >= 500:
            raise
        return _page(request.form, error)
    # The model is in the form, and not in the path as the API has it.
    audit.note(model=wanted.model)
    if created.replayed:
        audit.nothing_done()
    return redirect(f"/jobs/{created.job.id}", 303)


def _page(entered: Mapping[str, str], error: LoupeError | None = None) -> Response:
    known = services()
    folder, datasets = known.settings.import_dir, newest_datasets()
    return page(
        "elsewhere.html",
        http_status=error.status if error else 200,
        form=elsewhere_form(datasets, entered, error) if datasets else None,
        models=list(islice(known.registry.names(), MOST_SUGGESTIONS)),
        folder=folder,
        paths=[path for path in suggested_paths(folder) if path.endswith(".keras")],
    )
