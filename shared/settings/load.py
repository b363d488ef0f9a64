"""Makes the settings, or says in words which one is wrong."""

from __future__ import annotations

import os

from pydantic import ValidationError

from shared.fetch.urls import redact
from shared.settings.model import Settings
from shared.settings.sources import SettingFileError

# A wrong value of these is not repeated in a message: it may be a secret with a typing error in it.
SECRETS = frozenset({"redis_url", "webhook_secret"})


class SettingsError(Exception):
    """Raised at start when a setting is wrong. One line a setting: its name, what was expected, what came."""


def load_settings() -> Settings:
    """Reads the settings from the environment.

    Raises:
        SettingsError: with one line for each wrong setting.
    """
    try:
        return Settings()
    except SettingFileError as error:
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        lines = [_line(str(detail["loc"][0])) for detail in error.errors() if detail["loc"]]
        raise SettingsError("\n".join(dict.fromkeys(lines))) from None


def _line(field: str) -> str:
    name = f"LOUPE_{field.upper()}"
    expected = Settings.model_fields[field].description
    if not os.environ.get(name):
        return f"{name}_FILE: expected a file with {expected}, received other content"
    given = os.environ[name]
    # Only an address has credentials in it: the @ of a name is what is wrong with it.
    shown = redact(given) if "://" in given else given
    received = "a value of another form" if field in SECRETS else repr(shown)
    return f"{name}: expected {expected}, received {received}"
