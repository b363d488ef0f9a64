"""The forms under the test pictures of a version, by which people say what a picture really is."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.access import audit
from api.corrections import apply_corrections, correct, take_back
from api.idempotency import form_key
from api.pages import words
from api.pages.inputs import natural
from api.pages.tested import shown_pictures
from api.services import services
from shared.datasets import DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.errors import FieldError, InvalidRequest, LoupeError
from shared.registry import Manifest

blueprint = Blueprint("pages_correct", __name__)
MOST_SHOWN = 200


@blueprint.post("/models/<name>/<int:version>/pictures")
def correct_picture(name: str, version: int) -> AnyResponse:
    """Keeps or takes back a correction and comes back to the picture; what is wrong is said on the same page."""
    manifest = services().registry.manifest(name, version)
    try:
        index = _index(request.form.get("picture", ""))
        _do(manifest, index)
    except LoupeError as error:
        if error.status >= 500:
            raise
        return shown_pictures(manifest, words.of_error(error), error.status)
    query = request.query_string.decode("ascii", "ignore")
    return redirect(f"/models/{name}/{version}/pictures{'?' + query if query else ''}#p-{index}", 303)


@blueprint.post("/datasets/<name>/corrections/apply")
def apply(name: str) -> AnyResponse:
    """Begins to make the version that has the corrections."""
    return redirect(f"/jobs/{apply_corrections(services(), name, form_key()).job.id}", 303)


@blueprint.post("/datasets/<name>/corrections")
def forget(name: str) -> AnyResponse:
    """Takes one back, on the page of the dataset."""
    DatasetStore(services().storage).manifest(name)
    sha256 = request.form.get("sha256", "")
    if sha256 in Corrections(services().storage, name).hashes():
        Corrections(services().storage, name).take_back(sha256)
        audit.note(picture=sha256)
    return redirect(f"/datasets/{name}#corrections", 303)


def corrections_of(name: str) -> tuple[list[Correction], int]:
    """Returns some corrections of a dataset for its page, the newest of them first, and how many there are."""
    kept = Corrections(services().storage, name)
    hashes = sorted(kept.hashes())
    found = [one for one in map(kept.get, hashes[:MOST_SHOWN]) if one is not None]
    return sorted(found, key=lambda one: one.at, reverse=True), len(hashes)


def _index(text: str) -> int:
    found = natural(text)
    if found is None:
        message = f"Expected the number of a picture, received {text[:40]!r}."
        raise InvalidRequest(message, (FieldError("picture", message),))
    return found


def _do(manifest: Manifest, index: int) -> None:
    """Does what the form's button says."""
    dataset, wanted = manifest.dataset, request.form.get("do", "")
    if wanted == "undo":
        take_back(services(), dataset.name, dataset.version, index)
    elif wanted in ("label", "exclude"):
        label = request.form.get("label", "").strip() if wanted == "label" else None
        correct(services(), dataset.name, dataset.version, index, label)
    elif wanted.startswith("is:"):
        correct(services(), dataset.name, dataset.version, index, wanted.removeprefix("is:"))
    else:
        raise InvalidRequest("Expected one of the buttons below a picture.", (FieldError("do", "Press a button."),))
    audit.note(picture=index, did=wanted)
