"""What the page sends a folder to: the same as `/api/v1/uploads`, for forms with a session and its token."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api import folder_uploads
from api.answers import accepted, answered
from api.bodies import validate
from api.folder_form import read_batch
from api.pages.dataset_form import options
from api.pages.inputs import sent, whole
from api.services import services
from shared.schemas.upload import UploadRequest

blueprint = Blueprint("pages_upload", __name__)


@blueprint.post("/datasets/uploads")
def begin() -> Response:
    """Begins an upload."""
    known = services()
    asked = validate(UploadRequest, options(request.form) | {"batches": whole(sent(request.form, "batches"))})
    return answered(folder_uploads.upload_view(known, folder_uploads.begin(known, asked)), 201)


@blueprint.post("/datasets/uploads/<upload_id>/batches/<int:number>")
def batch(upload_id: str, number: int) -> Response:
    """Stores a batch."""
    return answered(read_batch(upload_id, number))


@blueprint.post("/datasets/uploads/<upload_id>/finish")
def finish(upload_id: str) -> Response:
    """Makes the import."""
    known = services()
    return accepted(folder_uploads.finish(known, folder_uploads.upload_of(known, upload_id)))
