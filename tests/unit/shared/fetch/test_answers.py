"""Answers in all forms that honest hosts send, and a few that no host should."""

from __future__ import annotations

import tracemalloc
from time import monotonic

import pytest

from shared.errors import ConnectFailed
from shared.fetch.fetcher import Fetcher
from tests.support.origins import Origin, raw, silent
from tests.unit.shared.fetch.conftest import LOOPBACK

LIMIT = 1_000_000
OK = b"HTTP/1.1 200 OK\r\n"

GOOD = {
    "length": OK + b"Content-Length: 2\r\n\r\nok",
    "to the end": OK + b"\r\nok",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nok",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "folded header": OK + b"X-Long: a\r\n b\r\n\tc\r\nContent-Length: 2\r\n\r\nok",
    "space before the colon": OK + b"Content-Length : 2\r\n\r\nok",
    "interim answers": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    + OK
    + b"Content-Length: 2\r\n\r\nok",
    "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
    "chunks with extensions and trailers": OK
    + b"Transfer-Encoding: Chunked\r\n\r\n2;name=value\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
    "chunks and a length": OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
}

BAD = {
    "no HTTP and no end": b"SSH-2.0-OpenSSH_9.2\r\n",
    "another HTTP": b"HTTP/2 200 OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a length that is no number": OK + b"Content-Length: 2x\r\n\r\nok",
    "a length twice": OK + b"Content-Length: 2\r\ncontent-length: 3\r\n\r\nok",
    "a header without a colon": OK + b"nonsense\r\nContent-Length: 2\r\n\r\nok",
    "a negative length": OK + b"Content-Length: -2\r\n\r\nok",
    "a length of 5,000 digits": OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nok",
    "a chunk longer than its size": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n",
    "a chunk of a negative size": OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nok\r\n0\r\n\r\n",
    "a chunk size of 5,000 digits": OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 5000 + b"\r\n",
    "headers cut off": OK + b"Content-Le",
}


@pytest.mark.parametrize("form", GOOD)
def test_an_answer_of_this_form_is_understood(origin: Origin, fetcher: Fetcher, form: str) -> None:
    origin.on("/a", raw(GOOD[form]))
    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"ok"


@pytest.mark.parametrize("form", BAD)
def test_an_answer_of_this_form_is_refused_at_once(origin: Origin, form: str) -> None:
    # The host keeps the connection open: nothing but the answer itself may end the fetch.
    origin.on("/a", raw(BAD[form], keep=form != "headers cut off"))
    fetcher, started = Fetcher(allow=LOOPBACK, timeout_s=5), monotonic()
    with pytest.raises(ConnectFailed):
        fetcher.get(origin.url("/a"), max_bytes=LIMIT)
    assert monotonic() - started < 3
    fetcher.close()


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (OK + b"Content-Length: 2\r\n\r\nok", 1),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 1),
        (OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nok", 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nok", 1),
        # What nobody asked for could be taken for the next answer.
        (OK + b"Content-Length: 2\r\n\r\nok" + OK + b"Content-Length: 3\r\n\r\nbad", 2),
    ],
)
def test_a_connection_is_kept_when_the_answer_allows_it(
    origin: Origin, fetcher: Fetcher, answer: bytes, connections: int
) -> None:
    origin.on("/a", raw(answer, keep=True))
    for _ in range(2):
        assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"ok"
    assert origin.connections == connections


def test_many_small_chunks_are_put_together(origin: Origin) -> None:
    count = 20_000
    origin.on("/a", raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * count + b"0\r\n\r\n"))
    fetcher = Fetcher(allow=LOOPBACK, timeout_s=10)
    assert fetcher.get(origin.url("/a"), max_bytes=LIMIT).data == b"x" * count
    fetcher.close()


def test_a_body_that_comes_byte_by_byte_takes_no_more_memory_than_its_bytes(origin: Origin) -> None:
    count = 200_000
    origin.on("/a", raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * count + b"0\r\n\r\n"))
    fetcher = Fetcher(allow=LOOPBACK, timeout_s=10)
    tracemalloc.start()
    try:
        assert len(fetcher.get(origin.url("/a"), max_bytes=LIMIT).data) == count
        assert tracemalloc.get_traced_memory()[1] < 10 * count
    finally:
        tracemalloc.stop()
        fetcher.close()


def test_work_that_is_to_stop_does_not_wait_for_a_silent_host(origin: Origin) -> None:
    class ToStop(Exception):
        pass

    def stop() -> None:
        raise ToStop

    origin.on("/a", silent())
    fetcher, started = Fetcher(allow=LOOPBACK, timeout_s=10), monotonic()
    with pytest.raises(ToStop):
        fetcher.get(origin.url("/a"), max_bytes=LIMIT, on_progress=stop)
    assert monotonic() - started < 2
    fetcher.close()
