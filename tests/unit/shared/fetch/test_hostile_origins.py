"""Whatever a host does, a fetch ends by the deadline with the right error."""

from __future__ import annotations

import gzip
from threading import Event
from time import monotonic

import pytest

from shared.errors import ConnectFailed, FetchTimeout, HttpStatus, ItemError, TooLarge, TooManyRedirects
from shared.fetch.fetcher import Fetcher
from tests.support import origins
from tests.support.exchange import Behaviour
from tests.support.origins import Origin, answer
from tests.unit.shared.fetch.conftest import LOOPBACK

DEADLINE_S = 0.5
LIMIT = 1_000_000

HOSTILE: dict[str, tuple[Behaviour, type[ItemError]]] = {
    "silent": (origins.silent(), FetchTimeout),
    "headers drip": (origins.drip(answer(b"x" * 100)), FetchTimeout),
    "body drips": (origins.slow_body(b"x" * 100), FetchTimeout),
    "status drips": (origins.drip(b"HTTP/1.1 500 " + b"x" * 1000, 0.05), FetchTimeout),
    "length lies and hangs": (origins.lying_length(1000, b"short", hang=True), FetchTimeout),
    "error page hangs": (origins.raw(b"HTTP/1.1 404 No\r\n\r\n", keep=True), FetchTimeout),
    "endless trailers": (
        origins.endless(b"X: y\r\n" * 1000, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
        ConnectFailed,
    ),
    "endless": (origins.endless(), TooLarge),
    "endless chunks": (
        origins.endless(
            b"ffff\r\n" + b"x" * 65535 + b"\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        TooLarge,
    ),
    "one byte too many": (origins.serve(b"x" * (LIMIT + 1)), TooLarge),
    "gzip bomb": (origins.gzip_bomb(20_000_000), TooLarge),
    "gzip bomb in a bomb": (
        origins.serve(gzip.compress(gzip.compress(bytes(20_000_000))), headers={"Content-Encoding": "gzip, gzip"}),
        ConnectFailed,
    ),
    "endless error page": (origins.endless(head=b"HTTP/1.1 404 Not Found\r\n\r\n"), HttpStatus),
    "redirect to itself": (origins.redirect("/a"), TooManyRedirects),
    "redirect with an endless page": (
        origins.endless(head=b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n"),
        TooManyRedirects,
    ),
    "length lies": (origins.lying_length(1000, b"short"), ConnectFailed),
    "lengths differ": (
        origins.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"),
        ConnectFailed,
    ),
    "chunks break off": (
        origins.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nff\r\nx"),
        ConnectFailed,
    ),
    "chunk size is no number": (origins.chunked(b"abc", end=b"zz\r\n"), ConnectFailed),
    "reset in mid-body": (origins.reset_mid_body(), ConnectFailed),
    "closes at once": (origins.raw(b""), ConnectFailed),
    "no HTTP": (origins.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), ConnectFailed),
    "binary garbage": (origins.raw(bytes(range(256)) * 100), ConnectFailed),
    "many headers": (origins.large_headers(90_000), ConnectFailed),
    "long header": (origins.serve(b"x", headers={"X-Long": "x" * 100_000}), ConnectFailed),
    "endless headers": (origins.endless_headers(), ConnectFailed),
    "endless 100 Continue": (
        origins.endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, b""),
        ConnectFailed,
    ),
    "tls instead of http": (origins.raw(b"\x15\x03\x01\x00\x02\x02\x16"), ConnectFailed),
}  # fmt: skip


@pytest.fixture
def hurried() -> Fetcher:
    return Fetcher(allow=LOOPBACK, timeout_s=DEADLINE_S)


@pytest.mark.parametrize("behaviour", HOSTILE)
def test_a_hostile_origin_is_cut_by_the_deadline(origin: Origin, hurried: Fetcher, behaviour: str) -> None:
    behave, error = HOSTILE[behaviour]
    origin.on("/a", behave)
    start = monotonic()

    with pytest.raises(error) as caught:
        hurried.get(origin.url("/a"), max_bytes=LIMIT)
    hurried.close()

    assert monotonic() - start < DEADLINE_S + 0.5
    assert type(caught.value).code == error.code
    assert str(caught.value).endswith(".")


def test_headers_up_to_the_limit_are_taken(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", origins.large_headers(60_000))

    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"small"


def test_all_redirects_and_attempts_share_one_deadline(origin: Origin, hurried: Fetcher) -> None:
    origin.on("/a", origins.slow(0.25, origins.redirect("/a")))
    origin.on("/b", origins.slow(0.25, origins.status(503)))

    for path in ("/a", "/b"):
        start = monotonic()
        with pytest.raises((FetchTimeout, HttpStatus)):
            hurried.get(origin.url(path), max_bytes=LIMIT)
        assert monotonic() - start < DEADLINE_S + 0.3
    hurried.close()


def test_a_stuck_look_up_counts_against_the_deadline() -> None:
    stuck = Event()
    fetcher = Fetcher(timeout_s=0.3, resolver=lambda _: [str(stuck.wait(5))])
    start = monotonic()

    with pytest.raises(FetchTimeout):
        fetcher.get("http://stuck.test/", max_bytes=LIMIT)
    assert monotonic() - start < 0.6

    stuck.set()
    fetcher.close()


def test_a_kept_connection_obeys_the_deadline_of_the_new_request(origin: Origin, hurried: Fetcher) -> None:
    origin.on("/a", origins.serve(b"ok"))
    origin.on("/slow", origins.silent())

    hurried.get(origin.url("/a"), max_bytes=LIMIT)
    start = monotonic()
    with pytest.raises(FetchTimeout):
        hurried.get(origin.url("/slow"), max_bytes=LIMIT)
    hurried.close()

    assert origin.connections == 1
    assert monotonic() - start < DEADLINE_S + 0.3
