from __future__ import annotations

import gzip
import zlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import sleep

import pytest

from shared.errors import (
    ConnectFailed,
    DnsFailed,
    HttpStatus,
    InvalidUrl,
    ItemError,
    TooLarge,
)
from shared.fetch.body import UnreadableBody
from shared.fetch.fetcher import Fetched, Fetcher
from tests.support.exchange import Exchange
from tests.support.origins import Origin, chunked, flaky, raw, redirect, reset_mid_body, serve, status
from tests.unit.shared.fetch.conftest import LOOPBACK

PICTURE = bytes(range(256)) * 400
LIMIT = 1_000_000


def test_a_picture_comes_as_it_is(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a.png", serve(PICTURE))

    fetched = fetcher.get(origin.url("/a.png?size=1#top"), max_bytes=LIMIT)

    assert fetched == Fetched(data=PICTURE, url=origin.url("/a.png?size=1"), content_type="image/png")


def test_the_request_says_who_asks_and_for_which_host(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/", serve(b""))

    fetcher.get(origin.url("/", host="Pictures.Test."), max_bytes=LIMIT)

    headers = origin.requests[0].headers
    assert headers["host"] == f"pictures.test:{origin.port}"
    assert headers["user-agent"].startswith("Loupe/")
    assert headers["accept-encoding"] == "identity"
    assert "authorization" not in headers


def test_credentials_are_sent_but_not_handed_back(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", serve(b"ok"))

    fetched = fetcher.get(origin.url("/a", host="me:s%40cret@127.0.0.1"), max_bytes=LIMIT)

    assert origin.requests[0].headers["authorization"] == f"Basic {b64encode(b'me:s@cret').decode()}"
    assert fetched.url == origin.url("/a")


def test_proxy_variables_are_ignored(origin: Origin, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    origin.on("/a", serve(b"ok"))

    assert fetcher.get(origin.url("/a", host="pictures.test"), max_bytes=LIMIT).data == b"ok"


def test_who_waits_before_a_body_is_read_blames_no_host(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/moved", redirect("/a"))
    origin.on("/a", serve(PICTURE))
    waits: list[int] = []

    def wait() -> None:
        waits.append(len(origin.requests))
        sleep(1.1)

    assert fetcher.get(origin.url("/moved"), max_bytes=LIMIT, on_answer=wait).data == PICTURE
    assert waits == [2]


def test_a_connection_is_used_again_after_a_whole_answer(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", serve(PICTURE))
    origin.on("/empty", status(204, b""))
    origin.on("/chunks", chunked(b"one", b"two"))

    for path in ("/a", "/empty", "/chunks", "/a"):
        fetcher.get(origin.url(path), max_bytes=LIMIT)
    with pytest.raises(HttpStatus):
        fetcher.get(origin.url("/missing"), max_bytes=LIMIT)
    fetcher.get(origin.url("/a"), max_bytes=LIMIT)

    assert origin.connections == 1


def test_a_connection_with_an_unread_rest_is_not_used_again(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", serve(PICTURE))

    with pytest.raises(TooLarge):
        fetcher.get(origin.url("/a"), max_bytes=1000)
    fetcher.get(origin.url("/a"), max_bytes=LIMIT)

    assert origin.connections == 2


def test_a_kept_connection_that_died_is_replaced(origin: Origin, fetcher: Fetcher) -> None:
    def keep_then_die(exchange: Exchange) -> bool:
        if exchange.request.connection == 2:
            serve(b"second")(exchange)
            return True
        if len(origin.requests) == 1:
            serve(b"first")(exchange)
            return True
        return False  # The connection looks alive until the request has been sent.

    origin.on("/a", keep_then_die)

    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"first"
    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"second"
    assert len(origin.requests) == 3


def test_a_closed_kept_connection_is_noticed(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))

    fetcher.get(origin.url("/a"), max_bytes=LIMIT)
    sleep(0.05)
    fetcher.get(origin.url("/a"), max_bytes=LIMIT)

    assert origin.connections == 2


@pytest.mark.parametrize("size", [0, 1, 99_999, 100_000])
def test_a_body_up_to_the_limit_is_taken(origin: Origin, fetcher: Fetcher, size: int) -> None:
    origin.on("/a", serve(b"x" * size))

    assert len(fetcher.get(origin.url("/a"), max_bytes=100_000).data) == size


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_a_body_that_comes_compressed_is_decompressed(origin: Origin, fetcher: Fetcher, encoding: str) -> None:
    packed = zlib.compress(PICTURE) if encoding == "deflate" else gzip.compress(PICTURE)
    origin.on("/a", serve(packed, headers={"Content-Encoding": encoding}))

    assert fetcher.get(origin.url("/a"), max_bytes=len(PICTURE)).data == PICTURE
    with pytest.raises(TooLarge):
        fetcher.get(origin.url("/a"), max_bytes=len(PICTURE) - 1)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"no gzip"), ("gzip", gzip.compress(PICTURE)[:-20]), ("br", b"x"), ("gzip, gzip", b"x")],
)
def test_a_body_not_compressed_as_said_is_refused(origin: Origin, fetcher: Fetcher, encoding: str, body: bytes) -> None:
    origin.on("/a", serve(body, headers={"Content-Encoding": encoding}))

    with pytest.raises(UnreadableBody):
        fetcher.get(origin.url("/a"), max_bytes=LIMIT)
    assert len(origin.requests) == 1


def test_progress_is_told_as_bytes_arrive(origin: Origin, fetcher: Fetcher) -> None:
    told: list[None] = []
    origin.on("/a", serve(bytes(900_000)))

    fetcher.get(origin.url("/a"), max_bytes=LIMIT, on_progress=lambda: told.append(None))

    assert len(told) >= 2


def test_what_on_progress_raises_ends_the_fetch(origin: Origin, fetcher: Fetcher) -> None:
    class Canceled(Exception):
        pass

    def stop() -> None:
        raise Canceled

    origin.on("/a", serve(PICTURE))

    with pytest.raises(Canceled):
        fetcher.get(origin.url("/a"), max_bytes=LIMIT, on_progress=stop)
    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == PICTURE


@pytest.mark.parametrize("code", [429, 500, 502, 503, 599])
def test_an_error_that_may_pass_is_tried_three_times(origin: Origin, fetcher: Fetcher, code: int) -> None:
    origin.on("/down", status(code))
    origin.on("/flaky", flaky(2, status(code), serve(b"ok")))

    assert fetcher.get(origin.url("/flaky"), max_bytes=LIMIT).data == b"ok"
    with pytest.raises(HttpStatus, match=str(code)):
        fetcher.get(origin.url("/down"), max_bytes=LIMIT)
    assert origin.hits() == {"/flaky": 3, "/down": 3}


@pytest.mark.parametrize("code", [204 + 96, 304, 400, 403, 404, 410])
def test_an_error_that_stays_is_tried_once(origin: Origin, fetcher: Fetcher, code: int) -> None:
    origin.on("/a", status(code, b"" if code == 304 else b"told you"))

    with pytest.raises(HttpStatus, match=str(code)):
        fetcher.get(origin.url("/a"), max_bytes=LIMIT)
    assert len(origin.requests) == 1


def test_a_reset_is_tried_again(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", flaky(2, reset_mid_body(), serve(b"ok")))

    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"ok"


def test_a_redirect_is_followed_across_hosts(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", redirect("/b?c=ü", 301))
    origin.on("/b", redirect(origin.url("/end", host="pictures.test"), 308))
    origin.on("/end", serve(b"here"))

    fetched = fetcher.get(origin.url("/a"), max_bytes=LIMIT)

    assert (fetched.data, fetched.url) == (b"here", origin.url("/end", host="pictures.test"))
    assert [request.path for request in origin.requests] == ["/a", "/b?c=%C3%BC", "/end"]


def test_a_redirect_without_location_is_an_error(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", status(302))

    with pytest.raises(HttpStatus, match="302"):
        fetcher.get(origin.url("/a"), max_bytes=LIMIT)


def test_five_redirects_are_followed(origin: Origin, fetcher: Fetcher) -> None:
    for number in range(5):
        origin.on(f"/{number}", redirect(f"/{number + 1}"))
    origin.on("/5", serve(b"here"))

    assert fetcher.get(origin.url("/0"), max_bytes=LIMIT).data == b"here"


def test_a_name_that_is_unknown_is_dns_failed(fetcher: Fetcher) -> None:
    with pytest.raises(DnsFailed):
        fetcher.get("http://nobody.test/", max_bytes=LIMIT)


def test_a_closed_port_is_connect_failed(fetcher: Fetcher) -> None:
    with Origin() as gone:
        url = gone.url("/")

    with pytest.raises(ConnectFailed, match="Connection refused"):
        fetcher.get(url, max_bytes=LIMIT)


def test_the_next_address_is_tried_when_one_is_dead(origin: Origin) -> None:
    origin.on("/a", serve(b"ok"))
    fetcher = Fetcher(allow=LOOPBACK, timeout_s=1, resolver=lambda _: ["127.0.0.9", "127.0.0.1"])

    assert fetcher.get(origin.url("/a", host="two.test"), max_bytes=LIMIT).data == b"ok"
    fetcher.close()


def test_one_host_gets_no_more_connections_than_the_cap(origin: Origin) -> None:
    lock, now, most = Lock(), 0, 0

    def count(exchange: Exchange) -> bool | None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        sleep(0.02)
        with lock:
            now -= 1
        return serve(b"ok")(exchange)

    origin.on("/a", count)
    fetcher = Fetcher(allow=LOOPBACK, per_host=2)
    with ThreadPoolExecutor(8) as threads:
        futures = [threads.submit(fetcher.get, origin.url("/a"), max_bytes=LIMIT) for _ in range(16)]
        assert {future.result().data for future in futures} == {b"ok"}
    fetcher.close()

    assert most == 2
    assert origin.connections == 2


def test_a_closed_fetcher_keeps_no_connection(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/a", serve(b"ok"))
    fetcher.get(origin.url("/a"), max_bytes=LIMIT)
    fetcher.close()

    fetcher.get(origin.url("/a"), max_bytes=LIMIT)
    fetcher.get(origin.url("/a"), max_bytes=LIMIT)

    assert origin.connections == 3


@pytest.mark.parametrize("url", ["", "cat.png", "http://[::1", "http://127.1/"])
def test_what_is_no_url_is_the_items_outcome(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        fetcher.get(url, max_bytes=LIMIT)
    assert isinstance(caught.value, ItemError)
