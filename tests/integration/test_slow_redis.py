"""Work that lasts many times its lease while Redis takes its time with every call: nobody starts it a second time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared.jobs import lease, reaper, units
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Status
from shared.jobs.runner import Runner
from tests.chaos.spoil import slow_down
from tests.support.redis_server import RedisServer
from tests.support.unit_world import UnitWorld, epitaph

UNITS = 20


@dataclass(frozen=True)
class Pace:
    """How long a lease, a unit and a call of Redis take, in seconds."""

    lease: float
    unit: float
    call: float


# In the proportions of the real lease; `--fuzz 2` takes that one itself.
EVERYDAY, WHOLE = Pace(3.0, 15.0, 0.25), Pace(12.0, 240.0, 1.0)


@pytest.mark.faults
@pytest.mark.timeout(400, func_only=True)
def test_long_units_under_a_slow_redis_are_started_once(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch, fuzz: int
) -> None:
    # Given 20 units, and a Redis that answers between sleeps alone
    pace = WHOLE if fuzz > 1 else EVERYDAY
    for module in (units, lease, reaper):
        monkeypatch.setattr(module, "LEASE_S", pace.lease)
    client = Redis.from_url(own_redis.url, decode_responses=True, socket_timeout=30)
    world = UnitWorld(client)
    created = [world.create(1)[0] for _ in range(UNITS)]
    started: Counter[str] = Counter()

    def work(claim: Claim, held: Lease) -> Outcome:
        started[claim.unit_id] += 1
        until = time.monotonic() + pace.unit
        while time.monotonic() < until:
            time.sleep(0.2)
            held.check()
            held.advance()
        return Outcome(status=Status.SUCCEEDED, result={})

    slow = threading.Thread(target=slow_down, args=(own_redis.socket_path, pace.unit + 3 * pace.call, pace.call))
    slow.start()
    runner = Runner(world.units, crashed=epitaph)
    threads = [threading.Thread(target=runner.run, args=(unit, work)) for unit in created]
    for thread in threads:
        thread.start()
    # When they take many times their lease, while the reaper looks for lost work and sends it to whoever is there
    while any(thread.is_alive() for thread in threads):
        time.sleep(pace.lease / 6)
        try:
            world.reaper.round()
            for _, unit in world.sent:
                threading.Thread(target=runner.run, args=(unit, work), daemon=True).start()
            world.take_all()
        except RedisError:
            continue
    slow.join()
    # Then each was started once and ended well
    assert started == Counter(created)
    jobs = [world.jobs.get(unit.partition(":")[0]) for unit in created]
    assert {(job.status, job.attempt) for job in jobs} == {(Status.SUCCEEDED, 1)}
    client.close()
