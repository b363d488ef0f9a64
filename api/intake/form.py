"""The files of a form: pictures, or one .zip of pictures, told by its content."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage, MultiDict

from api.intake.archive import Archive
from api.intake.findings import Findings
from api.intake.pictures import Pictures
from api.intake.source import Source
from api.uploads import FIELD, ZIP_STARTS, starts, uploaded_files
from shared.errors import FieldError, InvalidRequest
from shared.settings import Settings


def read_files(
    files: MultiDict[str, FileStorage], settings: Settings, *, check: bool = False
) -> tuple[Source, Findings]:
    """Returns what a form's `file` parts hold, and what is wrong with the files of an archive.

    Args:
        check: whether all of an archive is looked at, for a dry run, and nothing will be stored.

    Raises:
        InvalidRequest: another part holds a file, there is no picture, or an archive comes with other files.
        BadRequest, BodyTooLarge, TooManyItems: see `Archive`.
    """
    parts = uploaded_files(files)
    if not any(starts(part) in ZIP_STARTS for part in parts):
        return Pictures(parts), Findings()
    if len(parts) > 1:
        message = f"One .zip of pictures is expected alone, received it with {len(parts) - 1} other files."
        raise InvalidRequest(message, (FieldError(FIELD, message),))
    archive = Archive(parts[0], max_items=settings.max_items, max_bytes=int(settings.max_image_bytes), count_on=check)
    return archive, archive.findings(thorough=check)
