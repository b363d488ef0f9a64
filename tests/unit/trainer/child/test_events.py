from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from trainer.child.events import Events
from trainer.child.stop import StopFlag, Stopped


def test_progress_is_sent_whole_and_not_too_often() -> None:
    stream = io.BytesIO()
    events = Events(stream)
    events.progress(done=1, total=9)
    events.progress(done=2)
    events.progress(now=True, epoch=1, history=[{"epoch": 1}])
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["done"], first["total"], first["history"]) == ("progress", 1, 9, [])
    assert (second["done"], second["failed"], second["epoch"], second["history"]) == (2, 0, 1, [{"epoch": 1}])
    assert set(second) == {"event", "phase", "done", "failed", "total", "epoch", "epochs", "eta_s", "history"}


def test_nothing_else_reaches_the_stream() -> None:
    code = (
        "import os, sys; from trainer.child.events import Events; events = Events.on_stdout();"
        "sys.stdout.write('python talks'); os.write(1, b'a library talks'); events.waiting('a reason')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout) == {"event": "waiting", "seconds": 120.0, "reason": "a reason"}
    assert b"python talks" in done.stderr
    assert b"a library talks" in done.stderr


def test_a_stop_signal_is_seen_at_the_next_check() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        flag = StopFlag()
        flag.listen()
        flag.check()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            flag.check()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_stop_signal_breaks_into_work_that_looks_at_nothing() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        flag = StopFlag()
        flag.listen()
        # Never returns by itself: only an exception out of the signal's handler ends it.
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with pytest.raises(Stopped), flag.at_once():
            signal.pause()
    finally:
        signal.signal(signal.SIGTERM, before)
