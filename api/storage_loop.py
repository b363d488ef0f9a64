"""The asyncio loop of a remote storage, in a thread of the system beside gevent's greenlets.

fsspec works on S3 in a loop of its own, in a `threading.Thread`. gevent makes a greenlet of that, so the loop runs in
the same thread of the system as everybody who asks for a file, and asyncio, which remembers the running loop of each
such thread, takes them all for the loop itself: "Calling sync() from within a running loop".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import gevent
from fsspec import asyn
from gevent import monkey

LOOK_EVERY_S = 0.005


class InPlace(ThreadPoolExecutor):
    """Runs what the loop would hand to threads, which is looking up the storage's name, in the loop's own thread.

    An executor's threads would be greenlets here, and a process would wait for them in vain at its end.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Runs it and returns what came of it."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for.
            future.set_exception(error)
        return future


def start_storage_loop(storage_url: str) -> None:
    """Starts the loop, if the storage is a remote one: once a process, after its fork and before it has a `Storage`."""
    if "://" not in storage_url:
        return
    # This thread's hub first, with what it imports: two threads of the system that make theirs at once wait for each
    # other's imports for ever, since the locks of imports are gevent's as well.
    hub = gevent.get_hub()
    _ = hub.resolver, hub.threadpool
    monkey.get_original("_thread", "start_new_thread")(_run, ())
    while asyn.loop[0] is None:
        gevent.sleep(LOOK_EVERY_S)


def _run() -> None:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(InPlace())
    # What fsspec takes for each file system that names no other.
    asyn.loop[0] = loop
    loop.run_forever()
