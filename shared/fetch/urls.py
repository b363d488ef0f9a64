"""Hides user names and passwords of URLs, and sorts URLs by host. Imports nothing heavy: every process may use it."""

from __future__ import annotations

import re

# What stands in the place of credentials.
HIDDEN = "***"

_START = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*")
_AUTHORITY = re.compile(r"[^/?#\\]*")
_HOST_AND_PORT = re.compile(r"[^:]*(?::[0-9]*)?|\[[^\]]*\](?::[0-9]*)?")


def redact(url: str) -> str:
    """Returns `url` with what stands before an `@` in its authority replaced by `HIDDEN`.

    Any string is taken, a broken URL too: a password with a `/` in it ends the authority early, so where the
    authority is no host and port, everything up to the last `@` is hidden.
    """
    start = _matched(_START, url, 0)
    end = _matched(_AUTHORITY, url, start)
    at = url.rfind("@", start, end)
    if at < 0 and not _HOST_AND_PORT.fullmatch(url, start, end):
        at = url.rfind("@", start)
    return url if at < 0 else f"{url[:start]}{HIDDEN}{url[at:]}"


def host(url: str) -> str:
    """Returns what stands for the host and the port in `url`, in lower case: for sorting, not for connecting."""
    start = _matched(_START, url, 0)
    authority = url[start : _matched(_AUTHORITY, url, start)]
    return authority.rpartition("@")[2].lower()


def _matched(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start
