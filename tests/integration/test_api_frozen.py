"""The API under gunicorn while Redis stands still."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from shared.ids import new_id
from tests.support.api_server import ApiServer
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.faults, pytest.mark.processes]

URL = "http://example.org/cat.jpg"


@pytest.fixture
def frozen(server: ApiServer, api_redis: RedisServer) -> Iterator[ApiServer]:
    """The API while Redis stands still."""
    api_redis.freeze()
    yield server
    api_redis.thaw()


def wait_thawed(server: ApiServer) -> None:
    give_up = time.monotonic() + 10
    while server.send("GET", "/api/v1/jobs").status_code != 200:
        assert time.monotonic() < give_up


FROZEN = [
    ("GET", "/"),
    ("GET", "/jobs"),
    ("GET", f"/jobs/{new_id()}"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/v1/jobs"),
    ("GET", f"/api/v1/jobs/{new_id()}"),
    ("DELETE", f"/api/v1/jobs/{new_id()}"),
    ("POST", f"/api/v1/jobs/{new_id()}/cancel"),
    ("GET", f"/api/v1/jobs/{new_id()}/results"),
    ("GET", f"/api/v1/jobs/{new_id()}/events"),
    ("GET", f"/api/v1/jobs/{new_id()}/items/0/image"),
    ("GET", "/api/v1/models"),
    ("GET", "/api/v1/models/pets"),
]


@pytest.mark.parametrize(("method", "path"), FROZEN)
def test_with_redis_frozen_every_request_is_a_503_within_two_seconds(frozen: ApiServer, method: str, path: str) -> None:
    start = time.monotonic()
    answer = frozen.send(method, path)

    assert time.monotonic() - start < 2
    # The form says by itself what is away, and is a page that can be read.
    assert answer.status_code == 503 or (path == "/" and answer.status_code == 200), answer.text
    if answer.status_code == 503 and path != "/readyz":
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "redis_unavailable"
    assert answer.status_code == 200 or "Retry-After" in answer.headers


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"url": URL}},
        {"json": {"urls": [URL] * 200}, "headers": {"Prefer": "wait=30", "Idempotency-Key": "a"}},
        {"files": {"file": ("a.gif", b"GIF")}},
    ],
)
def test_with_redis_frozen_nothing_is_accepted(frozen: ApiServer, options: dict[str, object]) -> None:
    start = time.monotonic()
    answer = frozen.send("POST", "/api/v1/classifications", **options)

    assert time.monotonic() - start < 2
    assert answer.status_code == 503


def test_with_redis_frozen_what_needs_none_is_answered(frozen: ApiServer) -> None:
    for path in ("/healthz", "/openapi.json", "/docs", "/static/loupe.css"):
        assert frozen.send("GET", path).status_code == 200


def test_with_redis_frozen_many_at_once_are_all_answered_in_time(frozen: ApiServer) -> None:
    def timed(_: int) -> tuple[int, float]:
        start = time.monotonic()
        return frozen.send("GET", "/api/v1/jobs").status_code, time.monotonic() - start

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(timed, range(60)))

    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 2.5


def knocks(client: socket.socket, redis: RedisServer) -> bool:
    """Says whether a connection may wait for Redis."""
    client.setblocking(False)
    return client.connect_ex(str(redis.socket_path)) == 0


def test_with_redis_frozen_for_long_nobody_can_connect_and_all_are_told(
    frozen: ApiServer, api_redis: RedisServer
) -> None:
    with ExitStack() as clients:
        # Given as many connections as Redis keeps waiting, which a minute of requests leaves behind
        while knocks(clients.enter_context(socket.socket(socket.AF_UNIX)), api_redis):
            pass
        # When more requests come than there are connections already
        with ThreadPoolExecutor(30) as pool:
            answers = list(pool.map(lambda _: frozen.send("GET", "/api/v1/jobs"), range(60)))

    assert {answer.status_code for answer in answers} == {503}


def test_requests_that_wait_when_redis_freezes_are_answered(server: ApiServer, api_redis: RedisServer) -> None:
    wait_thawed(server)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            server.send, "POST", "/api/v1/classifications", json={"url": URL}, headers={"Prefer": "wait=30"}
        )
        time.sleep(0.7)
        api_redis.freeze()
        start = time.monotonic()
        try:
            answer = asked.result(timeout=10)
        finally:
            api_redis.thaw()

    assert answer.status_code == 202
    assert time.monotonic() - start < 3.5


def test_after_a_freeze_all_is_as_before(server: ApiServer, api_redis: RedisServer) -> None:
    api_redis.freeze()
    assert server.send("GET", "/api/v1/jobs").status_code == 503
    api_redis.thaw()

    wait_thawed(server)
    assert server.send("POST", "/api/v1/classifications", json={"url": URL}).status_code == 202
