"""/api/v1/uploads: a folder of pictures in batches, which goes on after a lost connection where it was."""

from __future__ import annotations

from flask import Blueprint, Response

from api import folder_uploads
from api.answers import accepted, answered
from api.bodies import read_json, read_optional_json
from api.folder_form import FORM, read_batch
from api.operation import AWAY, BODY_ERRORS, JOB_ERRORS, Operation, documented
from api.services import services
from shared import errors
from shared.schemas.job import JobView
from shared.schemas.upload import BatchView, FinishRequest, UploadRequest, UploadView
from shared.uploads import Uploads

blueprint = Blueprint("folder_uploads", __name__)

TAG = "Datasets"
MISSING = (errors.UploadNotFound, errors.Forbidden, *AWAY)


@blueprint.post("/api/v1/uploads")
@documented(
    Operation(
        summary="Begin to upload a folder",
        tag=TAG,
        description="Its direct subfolders are the classes. It is sent in batches, in any order and several at a time,"
        " and removed after a day if it is not finished.",
        body={"application/json": UploadRequest},
        answers={201: [UploadView]},
        errors=(*BODY_ERRORS, errors.QueueFull, *AWAY),
    )
)
def begin() -> Response:
    """Begins an upload."""
    known = services()
    upload = folder_uploads.begin(known, read_json(UploadRequest))
    response = answered(folder_uploads.upload_view(known, upload), 201)
    response.headers["Location"] = f"/api/v1/uploads/{upload.id}"
    return response


@blueprint.get("/api/v1/uploads/<upload_id>")
@documented(Operation(summary="What has arrived of a folder", tag=TAG, answers={200: [UploadView]}, errors=MISSING))
def show(upload_id: str) -> Response:
    """Shows an upload."""
    known = services()
    return answered(folder_uploads.upload_view(known, folder_uploads.upload_of(known, upload_id)))


@blueprint.put("/api/v1/uploads/<upload_id>/batches/<int:number>")
@documented(
    Operation(
        summary="Send a batch of a folder",
        tag=TAG,
        description="Stored whole or not at all. One that is there already is left as it is, so it may be sent again.",
        body={"multipart/form-data": FORM},
        answers={200: [BatchView]},
        errors=(*MISSING, errors.InvalidRequest, errors.BadRequest, errors.BodyTooLarge, errors.TooManyItems),
    )
)
def batch(upload_id: str, number: int) -> Response:
    """Stores a batch."""
    return answered(read_batch(upload_id, number))


@blueprint.post("/api/v1/uploads/<upload_id>/finish")
@documented(
    Operation(
        summary="Import a folder that has arrived",
        tag=TAG,
        body={"application/json": FinishRequest},
        body_required=False,
        answers={200: [JobView], 202: [JobView]},
        errors=(*MISSING, errors.UploadIncomplete, *BODY_ERRORS, *JOB_ERRORS),
    )
)
def finish(upload_id: str) -> Response:
    """Makes the import."""
    read_optional_json(FinishRequest)
    known = services()
    return accepted(folder_uploads.finish(known, folder_uploads.upload_of(known, upload_id)))


@blueprint.delete("/api/v1/uploads/<upload_id>")
@documented(
    Operation(
        summary="Forget a folder that is being sent",
        tag=TAG,
        answers={204: []},
        errors=(*MISSING, errors.InUse),
    )
)
def delete(upload_id: str) -> Response:
    """Deletes an upload."""
    known = services()
    upload = folder_uploads.upload_of(known, upload_id)
    if known.jobs.there([upload.id]):
        raise errors.InUse(f"The import {upload.id} reads it. Cancel that, and it goes by itself.")
    Uploads(known.storage).delete(upload.id)
    return Response(status=204)
