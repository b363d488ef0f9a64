"""The page of one version: everything known about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from api.pages.chart import Curve, accuracy_curve
from api.pages.matrix import matrix_of
from api.pages.reliability import reliability_of
from api.pages.render import page
from api.pages.shadow import in_shadow
from api.pages.tested_query import picture_href, pictures_href
from api.pages.threshold import threshold_part
from api.pages.versions import VersionRow, version_row
from api.pages.workers import loaded
from api.services import services
from shared.errors import VersionCorrupt
from shared.registry import ClassMetrics, Manifest

blueprint = Blueprint("pages_version", __name__)
MOST_CLASSES = 100
MOST_TEXT_BYTES = 256 * 1024
FILE_WORDS = {
    "model.keras": "the model, for Keras",
    "model.onnx": "the model, for ONNX Runtime",
    "bundle.zip": "the model, its classes and its card in one archive",
    "model-card.md": "what it is, what it was made from and where not to trust it",
    "labels.json": "its classes in the order of its outputs",
    "answers.csv": "its answer to every test picture",
    "history.json": "numbers of each epoch",
    "history.png": "loss and accuracy by epoch, as a picture",
    "confusion.png": "the confusion matrix, as a picture",
    "reliability.png": "how far its sureness can be believed, as a picture",
    "mistakes.webp": "the wrong answers it was surest of, as a picture",
    "selftest.npz": "inputs and answers that a worker checks when it loads the model",
}
FIT_WORDS = {
    "good": "It does as well on pictures it did not learn from.",
    "overfit": "It knows the pictures it learned from better than others.",
    "underfit": "It does not even know the pictures it learned from.",
}


@dataclass(frozen=True)
class FileLine:
    """A file of the version to download."""

    name: str
    words: str
    href: str
    bytes: int


@blueprint.get("/models/<name>/<int:version>")
def version_page(name: str, version: int) -> Response:
    """Shows a version."""
    registry = services().registry
    served = registry.readable_served(name)
    row = version_row(registry, name, version, served)
    manifest = row.manifest
    return page(
        "version.html",
        row=row,
        manifest=manifest,
        loaded=loaded(name, version, served),
        shadow=in_shadow(name, version, served),
        fit_words=FIT_WORDS.get(manifest.fit or "", ""),
        matrix=matrix_of(manifest),
        pictures_href=pictures_href,
        picture_href=picture_href,
        classes=_weakest_first(manifest.per_class)[:MOST_CLASSES],
        curve=_curve(manifest),
        reliability=reliability_of(manifest.calibration),
        threshold=threshold_part(manifest, request.args),
        mistakes_picture=_picture(row, "mistakes"),
        card=_text(manifest, "model-card.md"),
        files=_files(row),
        folder=_folder(row),
    )


def _weakest_first(classes: Sequence[ClassMetrics]) -> list[ClassMetrics]:
    return sorted(classes, key=lambda one: one.recall)


def _curve(manifest: Manifest) -> Curve | None:
    """Returns the curve of its training, if that was kept with it."""
    text = _text(manifest, "history.json")
    history = json.loads(text) if text else []
    return accuracy_curve(history, len(history))


def _text(manifest: Manifest, file: str) -> str:
    """Returns a small text file of the version; nothing if it has none."""
    record = manifest.files.get(file)
    if record is None or record.bytes > MOST_TEXT_BYTES:
        return ""
    try:
        return services().registry.file(manifest.name, manifest.version, file).decode()
    except VersionCorrupt:
        # The page says what is known all the same; the damage is said when the version is promoted or downloaded.
        return ""


def _picture(row: VersionRow, stem: str) -> str:
    """Returns the address of a picture among the version's files, or nothing."""
    found = [name for name in row.manifest.files if name.rpartition(".")[0] == stem]
    return f"{_folder(row)}/{found[0]}" if found else ""


def _folder(row: VersionRow) -> str:
    return f"/api/v1/models/{row.manifest.name}/versions/{row.version}/files"


def _files(row: VersionRow) -> list[FileLine]:
    manifest = row.manifest
    pictures = {sample.file for sample in manifest.samples}
    return [
        FileLine(name, FILE_WORDS.get(name, ""), f"{_folder(row)}/{name}", record.bytes)
        for name, record in sorted(manifest.files.items())
        if name not in pictures
    ]
