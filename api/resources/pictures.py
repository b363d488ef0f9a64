"""/api/v1/datasets/{name}/versions/{v}/pictures: what a model learned from and was tested on, picture by picture."""

from __future__ import annotations

from flask import Blueprint, Response

from api.headers import KEEP
from api.operation import Media, Operation, documented
from api.services import services
from shared import errors
from shared.datasets import DatasetStore
from shared.datasets.pictures import picture

blueprint = Blueprint("pictures", __name__)

MISSING = (
    errors.DatasetNotFound,
    errors.DatasetVersionNotFound,
    errors.NoImage,
    errors.VersionCorrupt,
    errors.StorageUnavailable,
)
# The pictures are as somebody gave them, so nothing that a browser might see in one besides is to run.
POLICY = "default-src 'none'; sandbox"
# By their first bytes, which alone decide how the import read them.
TYPES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (4, b"ftyp", "image/avif"),
    (0, b"II", "image/tiff"),
    (0, b"MM", "image/tiff"),
)


@blueprint.get("/api/v1/datasets/<name>/versions/<version>/pictures/<int:index>")
@documented(
    Operation(
        summary="A picture of a version",
        tag="Datasets",
        description="As it was imported. Pictures are counted from 0 in the order of the version's `items.ndjson`.",
        answers={200: [Media("image/*", schema={})]},
        errors=MISSING,
    )
)
def show(name: str, version: str, index: int) -> Response:
    """Answers with a picture."""
    data = picture(DatasetStore(services().storage), name, version, index)
    # A version never changes, and neither do its pictures.
    headers = {"Cache-Control": KEEP, "Content-Security-Policy": POLICY}
    return Response(data, mimetype=media_type(data), headers=headers)


def media_type(data: bytes) -> str:
    """Returns the media type of a picture; of what is none of those that an import takes, that of any bytes."""
    found = (name for start, mark, name in TYPES if data[start : start + len(mark)] == mark)
    return next(found, "application/octet-stream")
