"""The page for many pictures: a list or files go in, are checked without fetching anything, and become a job."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.bodies import validate
from api.intake.check import check
from api.pages import words
from api.pages.batch_form import BatchForm, batch_form, found_of
from api.pages.batch_source import given
from api.pages.inputs import sent
from api.pages.render import page
from api.pages.served import served_models
from api.pages.welcome import welcome
from api.services import services
from api.submit import submit
from shared.errors import InvalidRequest, LoupeError
from shared.schemas.classification import Options, TextOptions

blueprint = Blueprint("pages_batch", __name__)
OPTIONS = ("model", "threshold", "max_failure_rate", "webhook")


@blueprint.get("/batch")
def batch_page() -> Response:
    """Shows the form, or the training of the first model while there is none."""
    models = served_models()
    return _page(batch_form(models, request.args)) if models else welcome()


@blueprint.post("/batch")
def batch() -> AnyResponse:
    """Takes the form: checks what it gives, and starts it if that was asked for and nothing is in the way."""
    models = served_models()
    if not models:
        return welcome(status=409)
    text = request.form.get("list", "")
    try:
        return _checked(text, _options(), start=request.form.get("do") != "check")
    except LoupeError as error:
        if error.status >= 500:
            raise
        trouble = words.of_error(error)
        return _page(batch_form(models, request.form, text=text, trouble=trouble, about=_about(error)), error.status)


def _checked(text: str, options: Options, *, start: bool) -> AnyResponse:
    known = services()
    with given(text, request.files, known.settings, check=not start) as it:
        result = check(known, it.source, options, it.findings)
        if start and result.accepted:
            return redirect(f"/jobs/{submit(known, it.source, options).job.id}", 303)
        found = found_of(result, it.what, it.noun, again=it.again)
        form = batch_form(served_models(), request.form, text=it.text, found=found)
        return _page(form, 422 if start else 200)


def _options() -> Options:
    entered = {name: sent(request.form, name) for name in OPTIONS}
    return validate(TextOptions, {name: text for name, text in entered.items() if text}, strict=False)


def _about(error: LoupeError) -> str:
    """Returns the field beside which an error stands."""
    if isinstance(error, InvalidRequest) and any(wrong.field.partition(".")[0] in OPTIONS for wrong in error.errors):
        return "options"
    return "file" if any(part.filename for part in request.files.getlist("file")) else "list"


def _page(form: BatchForm, status: int = 200) -> Response:
    return page("batch.html", http_status=status, form=form)
