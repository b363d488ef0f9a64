"""Forwarding headers, believed from trusted proxies alone: who asked, by which scheme, for which host."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from flask import Flask

from shared.settings.model import Network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FOR, PROTO, HOST = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
PORTS = {"http": "80", "https": "443"}


class TrustedProxies:
    """WSGI middleware that puts what trusted proxies say in the place of what the connection says.

    Werkzeug's ProxyFix has to be told how many proxies there are, and believes whoever connects. This one goes back
    from the connection, proxy by proxy, for as long as the networks are trusted; the first address outside is the
    client's. Of scheme and host the value counts that the proxy nearest to the client gave.

    Args:
        networks: LOUPE_TRUSTED_PROXIES.
    """

    def __init__(self, app: WSGIApplication, networks: tuple[Network, ...]) -> None:
        self._app = app
        self._networks = networks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Passes the request on."""
        hops = self._walk(environ)
        if hops:
            _believe(environ, hops)
        return self._app(environ, start_response)

    def _walk(self, environ: WSGIEnvironment) -> int:
        """Sets the client's address, and returns how many trusted proxies are between it and here."""
        hops = 0
        came = _listed(environ, FOR)
        while self._trusts(environ.get("REMOTE_ADDR", "")):
            hops += 1
            before = came.pop() if came else ""
            if _address(before) is None:
                break
            environ["REMOTE_ADDR"] = before
        return hops

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._networks)


def trust_proxies(app: Flask, networks: tuple[Network, ...]) -> None:
    """Puts the middleware around an app, unless no proxy is trusted."""
    if networks:
        app.wsgi_app = TrustedProxies(app.wsgi_app, networks)  # type: ignore[method-assign]


def _believe(environ: dict[str, Any], hops: int) -> None:
    schemes, hosts = _listed(environ, PROTO)[-hops:], _listed(environ, HOST)[-hops:]
    if schemes and schemes[0].lower() in PORTS:
        environ["wsgi.url_scheme"] = schemes[0].lower()
    if hosts:
        environ["HTTP_HOST"] = hosts[0]
        name, colon, port = hosts[0].rpartition(":")
        named = bool(colon) and port.isdecimal() and not name.endswith(":")
        environ["SERVER_NAME"] = name if named else hosts[0]
        environ["SERVER_PORT"] = port if named else PORTS[environ["wsgi.url_scheme"]]


def _listed(environ: dict[str, Any], header: str) -> list[str]:
    return [part.strip() for part in environ.get(header, "").split(",") if part.strip()]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
