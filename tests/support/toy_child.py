"""A child process that does what it is told, for tests of what is around one."""

from __future__ import annotations

import atexit
import json
import time
from typing import Any

from shared.errors import ImportFailed, InvalidRequest, TrainingFailed
from trainer.children.entry import run
from trainer.children.events import Events
from trainer.children.stop import StopFlag


def work(spec: bytes, events: Events, stop: StopFlag) -> dict[str, Any]:
    """Does what the spec says."""
    wanted = json.loads(spec)["do"]
    if wanted == "refuse":
        raise InvalidRequest("There is no such thing.")
    if wanted == "fail":
        raise ImportFailed("There is nothing there.")
    if wanted == "crash":
        return {"result": 1 / 0}
    if wanted == "count":
        for number in (1, 2, 3):
            events.progress(now=True, done=number)
        return {"counted": 3}
    if wanted == "linger":
        # As a library's thread that will not end.
        atexit.register(time.sleep, 1000)
        return {"lingered": True}
    events.progress(now=True)
    while not stop.keep:
        stop.check()
        time.sleep(0.01)
    return {"kept": True}


if __name__ == "__main__":
    raise SystemExit(run("toy", work, TrainingFailed))
