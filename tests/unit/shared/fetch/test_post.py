"""What is sent to others, once."""

from __future__ import annotations

from time import monotonic

import pytest

from shared.errors import (
    AddressNotAllowed,
    ConnectFailed,
    FetchTimeout,
)
from shared.fetch.fetcher import Fetcher
from tests.support.exchange import Behaviour
from tests.support.origins import (
    Origin,
    drip,
    endless_headers,
    raw,
    silent,
    status,
)


def test_a_body_is_sent_once_and_the_status_comes_back(origin: Origin, fetcher: Fetcher) -> None:
    for code in (204, 302, 404, 503):
        origin.on(f"/{code}", status(code, headers={"Location": "/elsewhere"}))
        assert fetcher.post(origin.url(f"/{code}"), b"told", {"webhook-id": "msg_1"}) == code
    assert [(request.method, request.body, request.headers["webhook-id"]) for request in origin.requests] == [
        ("POST", b"told", "msg_1")
    ] * 4
    # Each over a connection of its own, and no redirect was followed.
    assert (origin.connections, origin.hits()["/elsewhere"]) == (4, 0)


def test_a_body_is_not_sent_again_when_the_answer_breaks_off(origin: Origin, fetcher: Fetcher) -> None:
    origin.on("/", raw(b"HTTP/1.1 20"))
    with pytest.raises(ConnectFailed):
        fetcher.post(origin.url("/"), b"told", {})
    assert len(origin.requests) == 1


@pytest.mark.parametrize("behaviour", [silent(), drip(b"HTTP/1.1 200 Told\r\n\r\n"), endless_headers()])
def test_a_post_ends_with_its_deadline_or_before(origin: Origin, fetcher: Fetcher, behaviour: Behaviour) -> None:
    origin.on("/", behaviour)
    started = monotonic()
    with pytest.raises((FetchTimeout, ConnectFailed)):
        fetcher.post(origin.url("/"), b"told", {})
    assert monotonic() - started < 2


@pytest.mark.parametrize("host", ["10.0.0.1", "private.test", "mixed.test", "[::ffff:10.0.0.1]"])
def test_nothing_is_sent_to_a_forbidden_address(fetcher: Fetcher, host: str) -> None:
    with pytest.raises(AddressNotAllowed):
        fetcher.post(f"http://{host}/", b"told", {})
