"""The load generator, on a real server of this process's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest

from benchmarks.support.load import Load, Target, UnexpectedAnswer, body_of, load


class Handler(BaseHTTPRequestHandler):
    """Answers with the URL it was asked about; `/bad` answers 503."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        url = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["url"]
        body = json.dumps({"label": url}).encode()
        self.send_response(503 if self.path == "/bad" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def target(port: int, path: str = "/good") -> Target:
    return Target(port, path, lambda url: {"url": url}, b'"label"')


def loaded(*arguments: Any, **options: Any) -> Load:
    """Runs a load in a thread of its own: Playwright leaves an event loop running in the tests' own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(load, *arguments, **options).result()


def urls() -> Iterator[str]:
    return (f"http://a.test/{number}" for number in count())


@pytest.mark.parametrize("clients", [1, 8])
def test_as_many_requests_are_answered_as_were_asked_for(port: int, clients: int) -> None:
    done = loaded(target(port), urls(), clients=clients, count=50, seconds=30)
    assert (len(done.times), done.failed) == (50, 0)
    assert 0 < min(done.times) <= max(done.times) <= done.seconds
    assert done.rate == pytest.approx(50 / done.seconds)


def test_a_load_ends_when_its_time_is_over(port: int) -> None:
    done = loaded(target(port), urls(), clients=2, count=10**9, seconds=0.3)
    assert 0.3 <= done.seconds < 5


def test_a_server_that_refuses_everything_is_not_measured(port: int) -> None:
    with pytest.raises(UnexpectedAnswer, match="503"):
        loaded(target(port, "/bad"), urls(), clients=2, count=10, seconds=30)


def test_a_body_ends_where_its_length_says() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
    assert body_of(head[:-2]) is None
    assert body_of(head + b"abc") is None
    assert body_of(head + b"abcd") == b"abcd"


def test_a_chunked_body_ends_with_its_last_chunk() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert body_of(head + b"4\r\nabcd\r\n") is None
    assert body_of(head + b"4\r\nabcd\r\n0\r\n\r\n") == b"4\r\nabcd\r\n0\r\n\r\n"


def test_an_answer_without_a_length_is_refused() -> None:
    with pytest.raises(UnexpectedAnswer, match="nothing of its length"):
        body_of(b"HTTP/1.1 200 OK\r\n\r\n")
