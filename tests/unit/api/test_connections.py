"""One connection, served as under gunicorn but without it: what the times are for, made short."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import gevent
import pytest
from gevent import socket
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.errors import InvalidResponseHeader, ParseException
from prometheus_client import REGISTRY

from api import connections
from api.admission import Admission
from api.connections import ConnectionWorker, translate
from shared.errors import LoupeError

REQUEST = b"GET / HTTP/1.1\r\nHost: loupe\r\n\r\n"


class Served:
    """A worker and the client's side of a connection to it."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.worker = ConnectionWorker(0, os.getpid(), [], None, 30, Config(), Logger(Config()))
        self.worker.wsgi = application
        self._theirs, self.client = socket.socketpair()
        self.client.settimeout(5)
        self.serving = gevent.spawn(self.worker.handle, self._theirs, self._theirs, ("127.0.0.1", 1))
        gevent.sleep(0)

    def rest(self) -> bytes:
        """Returns everything until the connection ends."""
        return b"".join(iter(lambda: self.client.recv(65536), b""))

    def close(self) -> None:
        self.serving.kill()
        self.client.close()
        self.worker.tmp.close()


def answer(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Makes connections and ends them."""
    made: list[Served] = []

    def make(application: Callable[..., Any] = answer) -> Served:
        made.append(Served(application))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    return serve()


def test_a_request_is_answered_that_came_while_the_process_was_busy(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FIRST_WORD_S", 0.2)
    served.client.sendall(REQUEST)
    # Nothing is looked at meanwhile.
    time.sleep(0.4)

    assert served.client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_first_request_may_come_later_than_the_next_one(served: Served) -> None:
    served.worker.cfg.set("keepalive", 1)
    gevent.sleep(1.2)
    served.client.sendall(REQUEST)
    assert served.client.recv(65536).endswith(b"ok")
    start = time.monotonic()

    assert served.rest() == b""
    assert 0.9 < time.monotonic() - start < 3


def test_requests_sent_together_are_all_answered(served: Served) -> None:
    served.client.sendall(REQUEST * 3)
    served.client.shutdown(socket.SHUT_WR)

    assert served.rest().count(b"200 OK") == 3


def test_who_says_nothing_is_let_go_without_a_word(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FIRST_WORD_S", 0.1)

    assert serve().rest() == b""


def test_a_silent_connection_does_not_hold_up_a_stop(served: Served) -> None:
    served.worker.alive = False
    start = time.monotonic()

    assert served.rest() == b""
    assert time.monotonic() - start < 2


def test_a_head_that_comes_too_slowly_is_refused(serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    slow = serve()
    for byte in REQUEST[:4]:
        slow.client.sendall(bytes([byte]))
        gevent.sleep(0.05)
    head, _, body = slow.rest().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert json.loads(body)["code"] == "request_timeout"


def test_what_cannot_begin_in_time_is_told_to_come_again(served: Served) -> None:
    served.worker.admission = Admission(0, patience_s=0.1)
    served.client.sendall(REQUEST)
    head, _, body = served.rest().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 2" in head
    assert json.loads(body)["code"] == "overloaded"


def test_a_busy_process_says_that_it_lives(served: Served) -> None:
    served.worker.admission = Admission(0, patience_s=5)
    start = time.monotonic()
    served.client.sendall(REQUEST.replace(b"/", b"/healthz", 1))

    assert served.client.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    ("sent", "method", "status"),
    [
        (REQUEST, "GET", "503"),
        (b"BREW / HTTP/1.1\r\nHost: loupe\r\n\r\n", "other", "503"),
        (b"no request\r\n\r\n", "other", "400"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", "other", "414"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", "other", "431"),
    ],
)
def test_what_the_application_never_sees_is_counted(served: Served, sent: bytes, method: str, status: str) -> None:
    def counted() -> float:
        labels = {"method": method, "route": "none", "status": status}
        return REGISTRY.get_sample_value("loupe_http_requests_total", labels) or 0

    served.worker.admission = Admission(0, patience_s=0.1)
    before = counted()
    served.client.sendall(sent)

    assert served.rest().startswith(f"HTTP/1.1 {status} ".encode())
    assert counted() == before + 1


def test_a_broken_application_is_a_fault_of_ours(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_environ: dict[str, Any], _start_response: Callable[..., Any]) -> list[bytes]:
        raise ValueError("broken")

    one = serve(broken)
    monkeypatch.setattr(one.worker.log.error_log, "propagate", True)
    one.client.sendall(REQUEST)
    head, _, body = one.rest().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert json.loads(body)["code"] == "internal"
    assert "broken" in caplog.text


@pytest.mark.parametrize("connection", [b"keep-alive", b"close"])
def test_a_body_that_nobody_wanted_costs_next_to_nothing(served: Served, connection: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: loupe\r\nContent-Length: 20000000\r\nConnection: " + connection + b"\r\n\r\n"
    start = time.process_time()
    served.client.sendall(head + b"x" * 20_000_000)
    served.client.sendall(REQUEST)
    served.client.shutdown(socket.SHUT_WR)

    assert served.rest().count(b"200 OK") == (2 if connection == b"keep-alive" else 1)
    assert time.process_time() - start < 2


def test_after_a_broken_body_the_connection_ends(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: loupe\r\nTransfer-Encoding: chunked\r\n\r\n"
    served.client.sendall(head + b"no length\r\n" + REQUEST)

    assert served.rest().count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("error", [InvalidResponseHeader("a"), ValueError("a"), SystemExit(1)])
def test_what_is_no_error_of_a_request_is_ours(error: BaseException) -> None:
    assert type(translate(error)) is LoupeError


def test_after_a_body_that_broke_as_it_was_read_the_connection_ends(serve: Callable[..., Served]) -> None:
    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with suppress(ParseException, OSError):
            environ["wsgi.input"].read()
        return answer(environ, start_response)

    one = serve(reading)
    one.client.sendall(b"POST / HTTP/1.1\r\nHost: loupe\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n")
    answers = one.client.recv(65536)
    with suppress(OSError):
        one.client.sendall(REQUEST)
        answers += one.rest()

    assert answers.count(b"HTTP/1.1 200") == 1
