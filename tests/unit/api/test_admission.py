"""Requests that begin one after the other, as gevent's greenlets under gunicorn."""

from __future__ import annotations

import time

import gevent
import pytest
from gevent import socket

from api import admission
from api.admission import Admission, step_aside
from shared.errors import Overloaded


def test_a_request_begins_when_another_one_has_ended() -> None:
    order = []
    one = Admission(1, patience_s=5)

    def ask(name: str) -> None:
        with one.admit():
            order.append(f"{name} begins")
            gevent.sleep(0.001)
            order.append(f"{name} ends")

    gevent.joinall([gevent.spawn(ask, "first"), gevent.spawn(ask, "second")], raise_error=True)

    assert order == ["first begins", "first ends", "second begins", "second ends"]


def test_after_a_standstill_a_request_begins_where_one_has_ended() -> None:
    # Given a request that waits for an answer, and one that waits for its place
    one = Admission(1, patience_s=0.1)
    ours, theirs = socket.socketpair()

    def ask() -> None:
        with one.admit():
            ours.recv(1)
            gevent.sleep(0.001)

    def stand_still() -> None:
        # When the answers come while the process stands still, until the second one's time is up
        theirs.sendall(b"12")
        time.sleep(0.3)

    with ours, theirs:
        asking = [gevent.spawn(ask), gevent.spawn(ask)]
        gevent.joinall([*asking, gevent.spawn(stand_still)])

    # Then both are answered
    assert [each.exception for each in asking] == [None, None]


@pytest.mark.parametrize(("says_so", "rounds"), [(True, 10**6), (False, admission.ROUNDS)])
def test_a_request_that_waits_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch, *, says_so: bool, rounds: int) -> None:
    # Given requests that wait: they say so, or hold their places for some rounds of the event loop
    monkeypatch.setattr(admission, "ROUNDS", rounds)
    one = Admission(1, patience_s=2)

    def wait() -> None:
        with one.admit():
            if says_so:
                step_aside()
            gevent.sleep(60)

    waiting = [gevent.spawn(wait) for _ in range(3)]
    gevent.sleep(0)
    # Then another one begins
    with one.admit():
        pass
    gevent.killall(waiting)

    # Each place was left once.
    assert one._free.counter == 1


def test_a_busy_process_does_not_shorten_a_requests_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given requests of 60 rounds, which last 0.6 s in an idle process
    monkeypatch.setattr(admission, "ROUNDS", 60)
    one = Admission(1, patience_s=0.2)

    def work() -> None:
        with one.admit():
            # When one computes for longer than that, and waits then
            time.sleep(1)
            gevent.sleep(5)

    working = gevent.spawn(work)
    gevent.sleep(0)
    # Then it still has its place
    with pytest.raises(Overloaded, match=r"was not begun within 0 s"), one.admit():
        pass
    working.kill()
