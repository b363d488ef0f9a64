"""What is checked before Loupe is opened to anybody."""

from __future__ import annotations

from ipaddress import ip_address

from shared.access.key_file import KeyFileError, load_keys
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
            "LOUPE_HOST: expected a loopback address, since there are no access keys, received "
            f"{settings.host!r}; set LOUPE_ALLOW_NO_KEYS=1 if everybody who reaches it may use it"
        )


def is_loopback(name: str) -> bool:
    """Says whether a name is this machine itself, whoever is asked about it: localhost, 127.0.0.0/8 or ::1.

    Other names may come to mean another address tomorrow.
    """
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
