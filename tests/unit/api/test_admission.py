"""Requests that begin one after the other, as gevent's greenlets under gunicorn."""

from __future__ import annotations

import time

import gevent
import pytest

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

    gevent.joinall([gevent.spawn(ask, "first"), gevent.spawn(ask, "second")], timeout=5, raise_error=True)

    assert order == ["first begins", "first ends", "second begins", "second ends"]


@pytest.mark.parametrize("says_so", [True, False])
def test_a_request_that_waits_is_in_nobodys_way(*, says_so: bool) -> None:
    one = Admission(1, patience_s=5)

    def wait() -> None:
        with one.admit():
            if says_so:
                step_aside()
            gevent.sleep(60)

    waiting = [gevent.spawn(wait) for _ in range(3)]
    gevent.sleep(0)
    start = time.monotonic()
    with one.admit():
        took = time.monotonic() - start
    gevent.killall(waiting)

    assert took < (0.04 if says_so else 2)
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
