"""The form that brings a batch of an uploaded folder, by the API and by the page."""

from __future__ import annotations

from typing import Any

from flask import request

from api import folder_uploads
from api.services import services
from shared.errors import FieldError, InvalidRequest
from shared.schemas.upload import BatchView

FILES, SKIPPED = "file", "skipped"
FORM: dict[str, Any] = {
    "type": "object",
    "title": "BatchForm",
    "properties": {
        FILES: {
            "type": "array",
            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            "description": "The files, each named by its path in the folder, as in pets/cat/1.jpg.",
        },
        SKIPPED: {
            "type": "string",
            "description": "Files that were too large to be sent, for the report: a JSON list of {file, bytes}.",
        },
    },
}


def read_batch(upload_id: str, number: int) -> BatchView:
    """Returns the batch that a form has brought, once it is stored."""
    known = services()
    upload = folder_uploads.upload_of(known, upload_id)
    strange = [FieldError(name, f"Files are expected in `{FILES}`.") for name in request.files if name != FILES]
    if strange:
        raise InvalidRequest(f"Files are taken in `{FILES}` only.", tuple(strange))
    parts = request.files.getlist(FILES)
    found = folder_uploads.take(known, upload, number, parts, request.form.get(SKIPPED, ""))
    return BatchView(number=number, files=found.files, bytes=found.bytes)
