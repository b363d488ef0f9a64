"""Forwarding headers are believed from trusted proxies alone."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from api.access.proxies import TrustedProxies

NETWORKS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def seen(remote: str, **headers: str) -> tuple[str, str, str]:
    """Returns client, scheme and host as the application sees them."""
    found: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found.append(environ)
        start_response("200 OK", [])
        return [b""]

    environ = create_environ("/", base_url="http://inner:8000", environ_base={"REMOTE_ADDR": remote})
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    run_wsgi_app(TrustedProxies(app, NETWORKS), environ)
    return found[0]["REMOTE_ADDR"], found[0]["wsgi.url_scheme"], found[0]["HTTP_HOST"]


@pytest.mark.parametrize(
    ("remote", "headers", "expected"),
    [
        # A stranger is believed nothing.
        ("192.0.2.1", {"for": "1.2.3.4", "proto": "https", "host": "evil"}, ("192.0.2.1", "http", "inner:8000")),
        ("", {"for": "1.2.3.4", "proto": "https"}, ("", "http", "inner:8000")),
        # One proxy.
        ("10.0.0.1", {"for": "192.0.2.1", "proto": "https", "host": "a"}, ("192.0.2.1", "https", "a")),
        ("::ffff:10.0.0.1", {"for": "2001:db8::1", "proto": "https"}, ("2001:db8::1", "https", "inner:8000")),
        ("fd00::1", {"for": "192.0.2.1"}, ("192.0.2.1", "http", "inner:8000")),
        # What the client itself claimed stands before, and does not count.
        ("10.0.0.1", {"for": "1.1.1.1, 192.0.2.1", "proto": "https"}, ("192.0.2.1", "https", "inner:8000")),
        ("10.0.0.1", {"for": "10.9.9.9, 192.0.2.1", "host": "evil, a"}, ("192.0.2.1", "http", "a")),
        # Two proxies: the one nearest to the client says how it was asked.
        ("10.0.0.1", {"for": "192.0.2.1, 10.0.0.2", "proto": "https, http"}, ("192.0.2.1", "https", "inner:8000")),
        ("10.0.0.1", {"for": "192.0.2.1, 10.0.0.2", "proto": "https"}, ("192.0.2.1", "https", "inner:8000")),
        # A proxy that says nothing, or nonsense.
        ("10.0.0.1", {}, ("10.0.0.1", "http", "inner:8000")),
        ("10.0.0.1", {"for": "unknown", "proto": "gopher"}, ("10.0.0.1", "http", "inner:8000")),
        ("10.0.0.1", {"for": "192.0.2.1:4711"}, ("10.0.0.1", "http", "inner:8000")),
    ],
)
def test_client_scheme_and_host(remote: str, headers: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert seen(remote, **headers) == expected
