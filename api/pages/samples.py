"""The sample pictures of a model's versions."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from api.headers import KEEP
from api.services import services
from shared.errors import FileNotKept

blueprint = Blueprint("pages_samples", __name__)

REFERENCE = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]{0,63})@(?P<version>[1-9][0-9]{0,17})/(?P<file>[a-z0-9._-]{1,100})")


@blueprint.get("/samples/<path:reference>")
def sample(reference: str) -> Response:
    """Sends a sample picture; versions never change, so browsers may keep it."""
    _, data = sample_picture(reference)
    return Response(data, mimetype="image/webp", headers={"Cache-Control": KEEP})


def sample_picture(reference: str) -> tuple[str, bytes]:
    """Returns (file name, WebP bytes) of `name@version/file`.

    Raises:
        FileNotKept: the version has no such sample.
        LoupeError: there is no such version, or its files are damaged.
    """
    found = REFERENCE.fullmatch(reference)
    if not found:
        raise FileNotKept(f"Expected a sample as in shapes@1/sample-0.webp, received {reference[:100]!r}.")
    name, version, file = found["name"], int(found["version"]), found["file"]
    registry = services().registry
    if file not in {sample.file for sample in registry.manifest(name, version).samples}:
        raise FileNotKept(f"{name} v{version} has no sample {file!r}.")
    return file, registry.file(name, version, file)
