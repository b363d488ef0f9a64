"""The chunks a process works on: it takes the next one on while the last, slow items of others are still coming."""

from __future__ import annotations

from contextvars import copy_context
from threading import BoundedSemaphore, Event, Thread

from shared.jobs.runner import Runner
from worker.chunk import ChunkWork

# Bounds what the process holds, and what dies with it.
MOST_OPEN = 64
# A chunk whose items wait for one slow host is left waiting after this, and the next one is taken on.
PATIENCE_S = 3.0


class OpenChunks:
    """Runs each chunk in a thread of its own, which mostly waits.

    Args:
        runner: claims chunks and records their outcomes.
        work: what is done with a chunk.
    """

    def __init__(self, runner: Runner, work: ChunkWork) -> None:
        self._runner = runner
        self._work = work
        self._room = BoundedSemaphore(MOST_OPEN)

    def take(self, unit_id: str) -> None:
        """Begins a chunk, and returns once all of its items have begun.

        So a worker asks for the next chunk when it has room for it, and leaves to other workers what it has not.
        """
        self._room.acquire()
        begun = Event()
        # Not a daemon: a process that stops waits for its chunks to be given back.
        try:
            Thread(target=copy_context().run, args=(self._run, unit_id, begun), name="chunk", daemon=False).start()
        except RuntimeError:
            # The system has no thread left; the unit waits, and is sent again.
            self._room.release()
            raise
        begun.wait(PATIENCE_S)

    def _run(self, unit_id: str, begun: Event) -> None:
        try:
            self._runner.run(unit_id, lambda claim, lease: self._work(claim, lease, begun.set))
        finally:
            begun.set()
            self._room.release()
