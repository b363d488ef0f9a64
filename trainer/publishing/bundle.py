"""`bundle.zip`: what somebody needs who wants to use a version without Loupe."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from shared.registry import Manifest

FILES = ("model.keras", "model.onnx", "labels.json", "model-card.md")
# Weights hardly shrink, and shrinking them takes seconds.
STORED = (".keras", ".onnx")
# A fixed time, so that the same content is the same archive.
MODIFIED = (1980, 1, 1, 0, 0, 0)


def bundle_file(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """Returns a zip of the model, its ONNX export if it has one, its labels, its card and its manifest.

    Args:
        manifest: with the records of the version's other files; the archive cannot have its own hash in it.
        files: the version's files by name.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (name for name in FILES if name in files):
            kind = zipfile.ZIP_STORED if name.endswith(STORED) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, MODIFIED), files[name], kind)
        text = manifest.model_dump_json(indent=1).encode()
        archive.writestr(zipfile.ZipInfo("manifest.json", MODIFIED), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
