"""What is checked before anything starts: whether the address is of this machine, and its port free."""

from __future__ import annotations

import errno
import socket

from launch.errors import LaunchError
from shared.settings import Settings


def check_port(settings: Settings) -> None:
    """Binds the port for a moment.

    Raises:
        LaunchError: when it is taken or may not be bound.
    """
    place = f"{settings.host}:{settings.port}"
    for family, address in addresses(settings):
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            # As the API does: connections of an earlier run that are still closing are no hindrance.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(address)
                listener.listen()
            except OSError as error:
                raise LaunchError(_bind_message(error, place)) from None


def addresses(settings: Settings) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    """Returns what `LOUPE_HOST` and `LOUPE_PORT` stand for: address families with socket addresses.

    Raises:
        LaunchError: when the host is neither an address nor a known name.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise LaunchError(f"LOUPE_HOST: expected an address of this machine, received {settings.host!r}") from None
    return [(family, address) for family, _, _, _, address in found]


def _bind_message(error: OSError, place: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"LOUPE_PORT: {place} is already in use by another program; stop it or set LOUPE_PORT"
    if error.errno == errno.EACCES:
        return f"LOUPE_PORT: {place} needs more rights than this user has; set LOUPE_PORT to 1024 or above"
    return f"LOUPE_HOST: expected an address of this machine, received {place} ({error.strerror})"
