"""What is checked before Loupe is opened to anybody."""

from __future__ import annotations

from api.access.origin import is_loopback
from shared.access import KeyFileError, load_keys
from shared.settings import Settings, SettingsError


def check_start(settings: Settings) -> None:
    """Refuses to start where Loupe would be open to others than its user believes, or closed to everybody.

    Raises:
        SettingsError: with one line for each reason.
    """
    if settings.api_keys_file is not None:
        try:
            load_keys(settings.api_keys_file)
        except KeyFileError as error:
            raise SettingsError(f"LOUPE_API_KEYS_FILE: {error}") from None
    elif not settings.allow_no_keys and not is_loopback(settings.host):
        raise SettingsError(
            "LOUPE_HOST: expected a loopback address, because there are no access keys and LOUPE_ALLOW_NO_KEYS is "
            f"not 1, received {settings.host!r}"
        )
