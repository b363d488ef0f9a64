"""`LOUPE_X_FILE`: a setting's value read from a file, so that secrets need not stand in the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource


class SettingFileError(ValueError):
    """Raised when a `_FILE` variable cannot be followed; its text names the variable."""


class FileVariants(PydanticBaseSettingsSource):
    """Reads `LOUPE_X_FILE` for every field X, but not for those in `skip`, whose `_FILE` name means something else."""

    def __init__(self, settings_cls: type[BaseSettings], skip: frozenset[str]) -> None:
        super().__init__(settings_cls)
        self._skip = skip

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Returns the text of the field's file without its last newline, or None when no file is named."""
        name = f"LOUPE_{field_name.upper()}"
        path = os.environ.get(f"{name}_FILE", "")
        if not path or field_name in self._skip:
            return None, field_name, False
        if os.environ.get(name):
            raise SettingFileError(f"{name}: expected one of {name} and {name}_FILE, received both")
        try:
            return Path(path).read_text("utf-8").rstrip("\r\n") or None, field_name, False
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise SettingFileError(f"{name}_FILE: expected a readable file, received {path!r} ({reason})") from None

    def __call__(self) -> dict[str, Any]:
        """Returns the values of all fields that have a file."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}
