"""Where the registry keeps what: the only place that makes its paths."""

from __future__ import annotations

import re

from shared.errors import ModelNotFound, VersionNotFound
from shared.schemas.base import NAME_PATTERN, NAME_WORDS

ROOT = "models"
MANIFEST = "manifest.json"
# Versions are numbered from 1 on, and no model gets so far.
HIGHEST_VERSION = 999_999_999


def model_path(name: str) -> str:
    """Returns the folder of a model.

    Raises:
        ModelNotFound: no model can have that name, so no path is made of it.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise ModelNotFound(f"No model can be named {name!r}: a name has {NAME_WORDS}.")
    return f"{ROOT}/{name}"


def served_path(name: str) -> str:
    """Returns the path of a model's served pointer."""
    return f"{model_path(name)}/served.json"


def shadow_path(name: str) -> str:
    """Returns the path of what is in shadow of a model's served version."""
    return f"{model_path(name)}/shadow.json"


def earlier_path(name: str, file: str = "") -> str:
    """Returns the path of a served pointer that was replaced, or of the folder with those of a model."""
    folder = f"{model_path(name)}/earlier"
    return f"{folder}/{file}" if file else folder


def webhook_path(name: str, version: int) -> str:
    """Returns the path of the URL that is told when a version is promoted."""
    return f"{model_path(name)}/webhooks/{version}"


def version_path(name: str, version: int) -> str:
    """Returns the folder of a version.

    Raises:
        ModelNotFound, VersionNotFound: no model, or no version, can be called that.
    """
    folder = model_path(name)
    if not 0 < version <= HIGHEST_VERSION:
        raise VersionNotFound(f"The model {name!r} has no version {str(version)[:40]}.")
    return f"{folder}/{version}"


def deleted_path(name: str, version: int | None = None) -> str:
    """Returns the path of a deleted version's record, or of the folder with those of a model."""
    folder = f"{model_path(name)}/deleted"
    return folder if version is None else f"{folder}/{version}"


def file_path(name: str, version: int, file: str) -> str:
    """Returns the path of one file of a version."""
    return f"{version_path(name, version)}/{file}"


def manifest_path(name: str, version: int) -> str:
    """Returns the path of a version's manifest."""
    return file_path(name, version, MANIFEST)
