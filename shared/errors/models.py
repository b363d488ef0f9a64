"""What stands against what is asked of a model or its versions."""

from __future__ import annotations

from shared.errors.base import LoupeError


class ModelNotFound(LoupeError):
    """Raised when no model has the name."""

    code, status, title = "model_not_found", 404, "There is no such model"


class VersionNotFound(LoupeError):
    """Raised when the model has no such version."""

    code, status, title = "version_not_found", 404, "There is no such version"


class FileNotKept(LoupeError):
    """Raised when a version keeps no file of that name."""

    code, status, title = "file_not_found", 404, "There is no such file"


class NoAnswers(LoupeError):
    """Raised when it is not known what a version said about each picture."""

    code, status, title = "no_answers", 409, "The answers were not kept"


class NoShadow(LoupeError):
    """Raised when no version of a model is in shadow."""

    code, status, title = "no_shadow", 404, "Nothing is in shadow"


class AlreadyServed(LoupeError):
    """Raised when a version is to be compared with itself."""

    code, status, title = "already_served", 409, "The version is served"


class NoModel(LoupeError):
    """Raised when no version is served yet."""

    code, status, title = "no_model", 409, "No model is served yet"


class PointerBusy(LoupeError):
    """Raised when a version is to be promoted while another one is."""

    code, status, title = "pointer_busy", 409, "Another version is being promoted"
    transient = True


class VersionCorrupt(LoupeError):
    """Raised when a version's files are missing or differ from its manifest."""

    code, status, title = "version_corrupt", 409, "The version's files are damaged"


class VersionExists(LoupeError):
    """Raised when a version is to be written that exists; versions never change."""

    code, status, title = "version_exists", 409, "The version exists already"


class FailedToLoad(LoupeError):
    """Stands for a version that no worker can load: a state of it, which nobody raises."""

    code, title = "failed_to_load", "The version cannot be loaded"
