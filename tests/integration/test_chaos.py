"""A short part of `make chaos`: whatever dies while Loupe works, what was accepted ends, once, with the truth."""

from __future__ import annotations

import pytest

from tests.chaos.check import Wrong
from tests.chaos.client import Amount
from tests.chaos.run import run
from tests.chaos.table import table, totals
from tests.support.loupe import RunningLoupe

pytestmark = [
    pytest.mark.faults,
    pytest.mark.processes,
    pytest.mark.tensorflow,
    pytest.mark.timeout(300, func_only=True),
]

AMOUNT = Amount(seconds=20, singles=120, lists=1, list_items=100, epochs=0)


def test_nothing_is_lost_doubled_or_invented_whatever_dies(loupe: RunningLoupe) -> None:
    report = run(loupe, seed=6, amount=AMOUNT, faults=10, freeze_s=3)
    # Others use it after this.
    loupe.wait_ready(120)
    told = table(report.ledger, report.log.harms, report.findings, report.took)
    # In so short a run, how long recoveries took says more of the machine; test_recovery.py holds them.
    wrong = [finding for finding in report.findings if finding.wrong is not Wrong.SLOW]
    assert not wrong, f"{told}\n{totals(report.ledger, wrong)}\n{wrong}"
    assert len(report.ledger.accepted) == AMOUNT.singles + AMOUNT.lists
    assert len(report.log.harms) >= 6
