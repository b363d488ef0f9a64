"""What stands against what is asked of a dataset or a schedule."""

from __future__ import annotations

from shared.errors.base import LoupeError


class DatasetNotFound(LoupeError):
    """Raised when no dataset has the name, or it was deleted."""

    code, status, title = "dataset_not_found", 404, "There is no such dataset"


class DatasetVersionNotFound(LoupeError):
    """Raised when the dataset has no such version."""

    code, status, title = "version_not_found", 404, "There is no such version"


class UploadNotFound(LoupeError):
    """Raised when no upload has the id, or its time is over."""

    code, status, title = "upload_not_found", 404, "There is no such upload"


class UploadIncomplete(LoupeError):
    """Raised when an upload is to be imported of which a part has not arrived."""

    code, status, title = "upload_incomplete", 409, "A part has not arrived"


class ScheduleNotFound(LoupeError):
    """Raised when no schedule has the name."""

    code, status, title = "schedule_not_found", 404, "There is no such schedule"


class InUse(LoupeError):
    """Raised when something is to be deleted that unfinished work needs."""

    code, status, title = "in_use", 409, "This is still needed"


class ScheduleExists(LoupeError):
    """Raised when a schedule is to get a name that another one has."""

    code, status, title = "schedule_exists", 409, "There is a schedule of this name"


class ScheduleCannotRun(LoupeError):
    """Raised when a schedule that is to run now has nothing to train on, or nothing new; its newest run says why."""

    code, status, title = "schedule_cannot_run", 409, "The schedule cannot run"


class PathNotAllowed(LoupeError):
    """Raised when a path is absolute or leads out of `LOUPE_IMPORT_DIR`."""

    code, status, title = "path_not_allowed", 422, "The path leads out of the import folder"
