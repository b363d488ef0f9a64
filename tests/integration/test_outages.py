"""A short part of `make outages`: while Redis is away all answers come in time and are true; then work goes on."""

from __future__ import annotations

import pytest

from tests.chaos.outages import run, told, wrong
from tests.support.loupe import RunningLoupe

pytestmark = [
    pytest.mark.faults,
    pytest.mark.processes,
    pytest.mark.tensorflow,
    pytest.mark.timeout(240, func_only=True),
]


def test_outages_of_redis_are_survived_without_a_restart(loupe: RunningLoupe) -> None:
    found = run(loupe, [3, 4, 5], clients=10)
    # Two cores that other tests keep busy may be late by themselves.
    assert not wrong(found, slack_s=1.5), f"{told(found)}\n{wrong(found, slack_s=1.5)}"
    assert {reply.status for reply in found.replies} == {202, 503}
