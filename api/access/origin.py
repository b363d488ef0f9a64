"""Where a request comes from: by which name Loupe was asked for, and from a page of which site."""

from __future__ import annotations

import re

from flask import request

from shared.access.start import is_loopback
from shared.errors import CrossSiteRefused, HostNotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What may follow a host's name.
PORT = re.compile(r"(:[0-9]*)?", re.ASCII)
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
ALLOWED_SITES = frozenset({"same-origin", "none"})


def check_host(header: str, allowed: frozenset[str]) -> None:
    """Refuses a Host that is not Loupe's: another site's name may have been pointed at this address.

    Raises:
        HostNotAllowed: for a name that is neither loopback nor in `allowed`, and for none at all.
    """
    name = without_port(header)
    if not is_loopback(name) and name not in allowed:
        raise HostNotAllowed(
            f"Expected a loopback name or one of LOUPE_ALLOWED_HOSTS in the Host header, received {header[:200]!r}."
        )


def check_site(method: str, site: str | None, origin: str | None) -> None:
    """Refuses what a page of another site makes a browser send. A request with neither header is no browser's.

    Another port of this machine is the same site to a browser; it may link here, but not change anything.

    Raises:
        CrossSiteRefused: for a request from another site.
    """
    allowed = ALLOWED_SITES | {"same-site"} if method in SAFE_METHODS else ALLOWED_SITES
    if site is not None and site.strip().lower() not in allowed:
        raise CrossSiteRefused(
            f"Expected a request from Loupe's own pages or from no page, received Sec-Fetch-Site: {site[:200]}."
        )
    if origin is not None and not _same_origin(origin):
        raise CrossSiteRefused(
            f"Expected a request from Loupe's own pages or from no page, received Origin: {origin[:200]}."
        )


def _same_origin(origin: str) -> bool:
    scheme, _, host = origin.lower().partition("://")
    # Browsers leave the scheme's own port out, and programs and proxies may name it.
    own_port = DEFAULT_PORTS.get(scheme)
    asked = request.environ.get("HTTP_HOST", "").lower()
    return own_port is not None and host.removesuffix(own_port) == asked.removesuffix(own_port)


def without_port(header: str) -> str:
    """Returns the host name of `name:port` or `[address]:port` in lower case, brackets and last dot off."""
    name = header.strip().lower()
    if name.startswith("["):
        name, _, rest = name[1:].partition("]")
        return name if PORT.fullmatch(rest) else ""
    if name.count(":") > 1:
        return name
    name, colon, port = name.partition(":")
    return name.removesuffix(".") if PORT.fullmatch(colon + port) else ""
