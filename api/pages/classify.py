"""The first page: the form, or how far the first model is; and what the form sends."""

from __future__ import annotations

import io

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from api.bodies import validate
from api.intake.form import read_files
from api.intake.pictures import Pictures
from api.intake.source import OneUrl
from api.pages import words
from api.pages.bars import Bar, recall_bars
from api.pages.form import SURE_FROM, Form, make_form
from api.pages.render import page
from api.pages.samples import sample_picture
from api.pages.served import served_models
from api.pages.versions import ShownVersion
from api.pages.welcome import welcome
from api.services import services
from api.submit import submit
from shared.errors import InvalidRequest, LoupeError
from shared.jobs.store import Created
from shared.schemas.classification import ClassificationRequest, Options

blueprint = Blueprint("pages_classify", __name__)


@blueprint.get("/")
def classify_page() -> Response:
    """Shows the form, or the training of the first model while there is none."""
    models = served_models()
    if not models:
        return welcome()
    return _form_page(models, make_form(models, model=request.args.get("model")))


@blueprint.post("/")
def classify() -> AnyResponse:
    """Takes the form. What is wrong with it is said in place; otherwise the job's page follows."""
    try:
        created = _submit()
    except LoupeError as error:
        if error.status >= 500:
            raise
        return _again(error)
    return redirect(f"/jobs/{created.job.id}", 303)


def _submit() -> Created:
    """Sends what the pressed button says: a sample, the files, or the address."""
    options = {name: request.form[name] for name in ("model", "threshold") if request.form.get(name)}
    about = _about()
    if about == "sample":
        name, data = sample_picture(request.form["sample"])
        picture = Pictures([FileStorage(io.BytesIO(data), name)])
        return submit(services(), picture, validate(Options, options, strict=False))
    if about == "file":
        pictures, findings = read_files(request.files, services().settings)
        findings.check()
        return submit(services(), pictures, validate(Options, options, strict=False))
    url = request.form.get("url", "").strip()
    if not url:
        raise InvalidRequest("The address of a picture is expected, and the field is empty.")
    asked = validate(ClassificationRequest, {**options, "url": url}, strict=False)
    return submit(services(), OneUrl(url), asked)


def _about() -> str:
    """Returns what is sent: sample, url or file. The pressed button decides between two inputs that are both filled."""
    if request.form.get("sample"):
        return "sample"
    files = any(file.filename for file in request.files.getlist("file"))
    address = bool(request.form.get("url", "").strip())
    if files != address:
        return "file" if files else "url"
    by = request.form.get("by")
    if by in {"url", "file"}:
        return by
    return "file" if files else "url"


def _again(error: LoupeError) -> Response:
    """Returns the form with what was entered and what was wrong with it."""
    models = served_models()
    if not models:
        return welcome(status=error.status)
    form = make_form(
        models,
        url=request.form.get("url", ""),
        model=request.form.get("model"),
        threshold=request.form.get("threshold", SURE_FROM),
        trouble=words.of_error(error),
        about=_about(),
    )
    return _form_page(models, form, error.status)


def _form_page(models: list[ShownVersion], form: Form, status: int = 200) -> Response:
    chosen = next((model for model in models if model.name == form.model), None)
    return page("classify.html", http_status=status, form=form, model=chosen, known=_known(chosen))


def _known(model: ShownVersion | None) -> list[Bar]:
    return recall_bars(model.manifest.per_class) if model else []
