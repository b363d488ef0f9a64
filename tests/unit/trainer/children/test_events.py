from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from trainer.children.events import Events
from trainer.children.stop import StopFlag, Stopped


@pytest.fixture
def flag() -> Iterator[StopFlag]:
    """A flag that listens; the signals' handlers are as before afterwards."""
    numbers = (signal.SIGTERM, signal.SIGUSR1)
    before = [signal.getsignal(number) for number in numbers]
    flag = StopFlag()
    flag.listen()
    yield flag
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_progress_is_sent_whole_and_not_too_often() -> None:
    stream = io.BytesIO()
    events = Events(stream)
    sent = [
        events.progress(done=1, total=9),
        events.progress(done=2),
        events.progress(now=True, epoch=1, history=[{"epoch": 1}]),
    ]
    assert sent == [True, False, True]
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {"event": "progress", "done": 1, "failed": 0, "total": 9}
    assert second == {
        "event": "progress",
        "done": 2,
        "failed": 0,
        "total": 9,
        "epoch": 1,
        "history": [{"epoch": 1}],
    }


def test_nothing_else_reaches_the_stream() -> None:
    code = (
        "import os, sys; from trainer.children.events import Events; events = Events.on_stdout();"
        "sys.stdout.write('python talks'); os.write(1, b'a library talks'); events.waiting('a reason')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout) == {"event": "waiting", "seconds": 120.0, "reason": "a reason"}
    assert b"python talks" in done.stderr
    assert b"a library talks" in done.stderr


def test_a_stop_signal_is_seen_at_the_next_check(flag: StopFlag) -> None:
    flag.check()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        flag.check()


def test_a_stop_signal_breaks_into_work_that_looks_at_nothing(flag: StopFlag) -> None:
    # Never returns by itself: only an exception out of the signal's handler ends it.
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(Stopped), flag.at_once():
        signal.pause()


def test_work_that_failed_is_broken_into_no_more(flag: StopFlag) -> None:
    with pytest.raises(ZeroDivisionError), flag.at_once():
        raise ZeroDivisionError
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        flag.check()


def test_a_wish_to_keep_stops_nothing(flag: StopFlag) -> None:
    assert not flag.keep
    os.kill(os.getpid(), signal.SIGUSR1)
    assert flag.keep
    flag.check()
