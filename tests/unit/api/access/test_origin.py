from __future__ import annotations

import re

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from tests.support.api_world import ApiWorld
from tests.unit.api.conftest import MakeApi


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "127.8.9.1", "localhost:1", "LOCALHOST", "localhost.", "[::1]", "[::1]:80"]
)
def test_loopback_names_are_taken_whatever_the_port(api: ApiWorld, host: str) -> None:
    assert api.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "0.0.0.0",
        "10.0.0.1",
        "[::2]",
        "[::1]evil",
        "127.0.0.1@evil.example",
        "localhost:80@evil.example",
        "localhost:evil.example",
        "[::1]:evil.example",
        "a b",
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/", "/api/v1/jobs", "/static/loupe.css", "/nowhere"])
def test_any_other_host_is_refused_everywhere(api: ApiWorld, host: str, path: str) -> None:
    answer = api.get(path, headers={"Host": host})

    assert answer.status_code == 421
    assert answer.json is not None
    assert answer.json["code"] == "host_not_allowed"


def test_an_absent_host_is_refused(api: ApiWorld) -> None:
    environ = create_environ("/healthz")
    del environ["HTTP_HOST"]

    assert run_wsgi_app(api.app, environ)[1].startswith("421 ")


@pytest.mark.parametrize("host", ["loupe.example", "Loupe.Example:443", "other.example:1"])
def test_allowed_hosts_are_compared_without_port_and_case(make_api: MakeApi, host: str) -> None:
    api = make_api(allowed_hosts=("LOUPE.example", "other.example:8000"))

    assert api.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_own_pages_and_programs_are_served(api: ApiWorld, method: str, headers: dict[str, str]) -> None:
    path = "/api/v1/jobs" if method == "GET" else "/api/v1/classifications"
    options = {"json": {"url": "http://example.org"}} if method == "POST" else {}

    assert api.open(method, path, headers=headers, **options).status_code < 300


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "anything else"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_any_request_from_another_site_is_refused(api: ApiWorld, method: str, headers: dict[str, str]) -> None:
    answer = api.open(method, "/api/v1/jobs", headers=headers)

    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "cross_site_refused"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:443", "https://localhost"),
        ("localhost:80", "http://localhost"),
        ("localhost", "https://localhost:443"),
        ("[::1]:443", "https://[::1]"),
    ],
)
def test_a_default_port_may_be_said_or_not(api: ApiWorld, host: str, origin: str) -> None:
    # Browsers leave it out of Origin; proxies name it in Host.
    assert api.get("/api/v1/jobs", headers={"Host": host, "Origin": origin}).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:443", "http://localhost"),
        ("localhost:80", "https://localhost"),
        ("localhost:8443", "https://localhost"),
        ("localhost", "https://localhost:80"),
        ("localhost", "ftp://localhost"),
        ("localhost", "https://localhost/"),
        ("localhost:443", "https://localhost:443:443"),
        ("localhost", "localhost"),
    ],
)
def test_any_other_port_is_another_origin(api: ApiWorld, host: str, origin: str) -> None:
    assert api.get("/api/v1/jobs", headers={"Host": host, "Origin": origin}).status_code == 403


def test_another_port_of_this_machine_may_link_here_and_change_nothing(api: ApiWorld) -> None:
    headers = {"Sec-Fetch-Site": "same-site"}

    assert api.get("/jobs", headers=headers).status_code == 200
    assert api.post(json={"url": "http://example.org"}, headers=headers).status_code == 403


def test_every_answer_carries_the_security_headers(api: ApiWorld) -> None:
    for path in ("/", "/api/v1/jobs", "/nowhere", "/static/loupe.css"):
        with api.get(path) as answer:
            headers = answer.headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert not re.search("unsafe|data:|blob:", headers["Content-Security-Policy"])
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
