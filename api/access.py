"""Who may talk to a keyless Loupe: those who know its name, and no page of another site."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Flask, request

from shared.errors import CrossSiteRefused, HostNotAllowed
from shared.settings import Settings, SettingsError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ALLOWED_SITES = frozenset({"same-origin", "none"})


def check_start(settings: Settings) -> None:
    """Refuses to start where Loupe would be open to others than its user believes.

    Raises:
        SettingsError: with one line for each reason.
    """
    wrong = []
    if not settings.allow_no_keys and not is_loopback(settings.host):
        wrong.append(
            "LOUPE_HOST: expected a loopback address, because there are no access keys and LOUPE_ALLOW_NO_KEYS is "
            f"not 1, received {settings.host!r}"
        )
    if wrong:
        raise SettingsError("\n".join(wrong))


def register_access(app: Flask, settings: Settings) -> None:
    """Checks every request before anything else is done with it."""
    allowed = frozenset(_without_port(name) for name in settings.allowed_hosts)

    @app.before_request
    def check() -> None:
        check_host(request.environ.get("HTTP_HOST", ""), allowed)
        check_site(request.method, request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"))


def check_host(header: str, allowed: frozenset[str]) -> None:
    """Refuses a Host that is not Loupe's: another site's name may have been pointed at this address.

    Raises:
        HostNotAllowed: for a name that is neither loopback nor in `allowed`, and for none at all.
    """
    name = _without_port(header)
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


def is_loopback(name: str) -> bool:
    """Says whether a host name is this machine itself: localhost, 127.0.0.0/8 or ::1."""
    if name.lower().removesuffix(".") == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _same_origin(origin: str) -> bool:
    host = request.environ.get("HTTP_HOST", "").lower()
    return origin.lower() in {f"http://{host}", f"https://{host}"}


def _without_port(header: str) -> str:
    """Returns the host name of `name:port` or `[address]:port` in lower case, brackets and last dot off."""
    name = header.strip().lower()
    if name.startswith("["):
        name, _, rest = name[1:].partition("]")
        return name if not rest or rest.startswith(":") else ""
    name, _, _port = name.partition(":") if name.count(":") <= 1 else (name, "", "")
    return name.removesuffix(".")
