"""Where Loupe is and who asks: the only place that reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from loupe.errors import ConfigurationError

DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Settings:
    """Where Loupe is and who asks.

    Attributes:
        url: without a slash at its end.
        api_key: None where no key is needed.
        local: whether the URL is this very machine.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    local: bool = False

    @property
    def key_in_the_clear(self) -> bool:
        """Whether the key goes over a network where others could read it."""
        return self.api_key is not None and not self.local and not self.url.startswith("https:")


def load_settings(url: str | None = None, api_key: str | None = None) -> Settings:
    """Returns what was given, else LOUPE_URL and LOUPE_API_KEY, else the defaults.

    Raises:
        ConfigurationError: the URL or the key cannot be used.
    """
    wanted = url or os.environ.get("LOUPE_URL") or DEFAULT_URL
    key = api_key or os.environ.get("LOUPE_API_KEY") or None
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigurationError("LOUPE_API_KEY: expected a key of letters and digits, received other characters.")
    return Settings(url=wanted.rstrip("/"), api_key=key, local=_is_local(_host(wanted)))


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and not (parts.query or parts.fragment or parts.username)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable or not parts.hostname:
        raise ConfigurationError(f"LOUPE_URL: expected an address such as {DEFAULT_URL}, received {url!r}.")
    return parts.hostname


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
