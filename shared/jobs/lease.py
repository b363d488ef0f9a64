"""A worker's leases, renewed while work advances."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from shared.growing_threads import GrowingThreads
from shared.jobs.metrics import LEASE_LOSSES
from shared.jobs.units import LEASE_S, UnitStore

log = logging.getLogger(__name__)

RENEW_EVERY_S = 1.0
# A unit that has not advanced for this long is not renewed: its lease runs out and somebody else gets it.
STALL_S = 10.0


class LeaseLost(Exception):
    """Raised in work whose lease is gone: somebody else has the unit, whatever is written now is refused."""


class JobCanceled(Exception):
    """Raised in work whose job is to stop."""


class GivenBack(Exception):
    """Raised in work that somebody else is to do, or this process later: the unit goes back to its queue.

    Attributes:
        reason: in a word, for the metrics.
    """

    reason: str


class Stopping(GivenBack):
    """Raised in work whose process is about to stop."""

    reason = "stopping"


class Crowded(GivenBack):
    """Raised in work that would wait for its turn at a host while others have use for its thread."""

    reason = "crowded"


class Lease:
    """The right to work on one unit. Work says that it advances; the keeper renews only then.

    Attributes:
        state: held, lost, canceling or stopping.
        finishing: whether its outcome is on its way to Redis: a lease that is gone then may just have ended well.
    """

    def __init__(self, unit_id: str, attempt: int) -> None:
        self.unit_id = unit_id
        self.attempt = attempt
        self.state = "held"
        self.finishing = False
        # Since when the work waits for somebody else and computes nothing.
        self._idle_since: float | None = None
        self._crowded: Callable[[], bool] = lambda: False
        self._alive_until = time.monotonic() + STALL_S
        # The ends of the bounded waits under way: the items of a chunk wait beside each other.
        self._waits: dict[object, float] = {}

    @property
    def stalled_s(self) -> float:
        """For how long the work should have advanced and has not; below 0 while it is alive."""
        return time.monotonic() - max([self._alive_until, *list(self._waits.values())])

    def advance(self) -> None:
        """Says that work moved on: bytes came, an item is done, a batch is trained."""
        self._alive_until = time.monotonic() + STALL_S

    def allow(self, seconds: float) -> None:
        """Says that nothing may be heard of the work for so many seconds, after which it ends or advances."""
        self._alive_until = time.monotonic() + seconds

    @contextmanager
    def waiting(self, deadline_s: float) -> Iterator[None]:
        """Holds the lease over a wait that ends by itself after `deadline_s`: a fetch, a model load, a compile."""
        this = object()
        self._waits[this] = time.monotonic() + deadline_s
        try:
            yield
        finally:
            del self._waits[this]
            self.advance()

    @contextmanager
    def idling(self, deadline_s: float) -> Iterator[None]:
        """Holds the lease as `waiting`, over the one wait of a single picture for somebody else: a host, a storage."""
        with self.waiting(deadline_s):
            self._idle_since = time.monotonic()
            try:
                yield
            finally:
                self._idle_since = None

    def idle_for(self, seconds: float) -> bool:
        """Tells whether the work has waited for somebody else for so long already."""
        since = self._idle_since
        return since is not None and time.monotonic() - since >= seconds

    def give_way_when(self, crowded: Callable[[], bool]) -> None:
        """Has `check_turn` stop the work when others have use for its thread, as `crowded` says."""
        self._crowded = crowded

    def check(self) -> None:
        """Stops work that should stop.

        Raises:
            LeaseLost: the unit is somebody else's now.
            JobCanceled: the job is being canceled.
            Stopping: this process is about to stop.
        """
        if self.state == "lost":
            raise LeaseLost(self.unit_id)
        if self.state == "canceling":
            raise JobCanceled(self.unit_id)
        if self.state == "stopping":
            raise Stopping(self.unit_id)

    def check_turn(self) -> None:
        """Stops work that should not go on waiting for its turn.

        Raises:
            LeaseLost, JobCanceled, Stopping: as `check`.
            Crowded: others have use for the thread.
        """
        self.check()
        if self._crowded():
            raise Crowded(self.unit_id)


class LeaseKeeper:
    """Renews all leases of a process from one thread.

    Attributes:
        stopping: whether the process is about to stop.
        taken: how many units the process ever held.
    """

    def __init__(self, units: UnitStore) -> None:
        self._units = units
        # Reentrant: `stop` is called from a signal handler, which may interrupt the thread that holds it.
        self._lock = threading.RLock()
        self._leases: set[Lease] = set()
        self._thread = GrowingThreads(self._run, "leases", 1)
        self.stopping = False
        self.taken = 0

    @property
    def busy(self) -> bool:
        """Whether the process holds a unit."""
        return bool(self._leases)

    @contextmanager
    def keep(self, unit_id: str, attempt: int) -> Iterator[Lease]:
        """Keeps a claimed unit's lease renewed inside the block.

        Raises:
            RuntimeError: as `start`.
        """
        self.start()
        lease = Lease(unit_id, attempt)
        with self._lock:
            self._leases.add(lease)
            self.taken += 1
            if self.stopping:
                lease.state = "stopping"
        try:
            yield lease
        finally:
            with self._lock:
                self._leases.discard(lease)

    def start(self) -> None:
        """Begins to renew, in a thread of its own, unless it has begun.

        Raises:
            RuntimeError: the system has no thread left.
        """
        with self._lock:
            self._thread.reach(1)

    def stop(self) -> None:
        """Tells all work that the process is about to stop."""
        with self._lock:
            self.stopping = True
            for lease in self._leases:
                if lease.state == "held":
                    lease.state = "stopping"

    def renew(self) -> None:
        """Renews what is alive, once, and hands on what Redis answers."""
        with self._lock:
            for lease in self._leases:
                if lease.stalled_s > LEASE_S and lease.state != "lost":
                    # It was not renewed for so long that it ran out; work that hangs in a child process learns it here.
                    log.warning("unit %s, attempt %d is stuck; its lease ran out", lease.unit_id, lease.attempt)
                    LEASE_LOSSES.labels("stuck").inc()
                    lease.state = "lost"
            leases = [lease for lease in self._leases if lease.stalled_s < 0 and lease.state != "lost"]
        if not leases:
            return
        answers = self._units.renew([(lease.unit_id, lease.attempt) for lease in leases])
        for lease, answer in zip(leases, answers, strict=True):
            if answer == "lost" and lease in self._leases and not lease.finishing:
                log.warning("lost the lease of unit %s, attempt %d", lease.unit_id, lease.attempt)
                LEASE_LOSSES.labels("taken").inc()
            if answer != "held" and lease.state != "lost":
                lease.state = answer

    def _run(self) -> None:
        while True:
            time.sleep(RENEW_EVERY_S)
            try:
                self.renew()
            except RedisError as error:
                # When Redis stands still the reaper stands still too, and extends all leases afterwards.
                log.warning("could not renew leases: %s", error)
            except Exception:
                # Without this thread every lease of the process would run out.
                log.exception("could not renew leases")
