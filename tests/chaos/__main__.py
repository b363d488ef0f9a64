"""`python -m tests.chaos`: everything dies now and then while Loupe works, and nothing may be lost."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.chaos.client import Amount
from tests.chaos.harm import slowest, undisturbed
from tests.chaos.run import run
from tests.chaos.table import alone, table, totals, worst
from tests.support.loupe import RunningLoupe

SETTINGS = {
    "LOUPE_DEFAULT_MODEL": "shapes",
    # A worker that stands still for 10 s must not take that for a slow host.
    "LOUPE_FETCH_TIMEOUT_S": "30",
}

# How many recoveries are told one by one.
WORST = 5


def main(argv: list[str]) -> int:
    """Returns 0 if every promise held."""
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of an earlier run")
    parser.add_argument(
        "--minutes", type=float, default=8, help="of work and faults (8); the first training comes before"
    )
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--singles", type=int, default=5000)
    parser.add_argument("--lists", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=3, help="of each training (3); 0 for no trainings")
    parser.add_argument(
        "--keep", type=Path, help="where to leave Loupe's data and log, and what was done to it and seen of it"
    )
    options = parser.parse_args(argv)
    amount = Amount(options.minutes * 60, options.singles, options.lists, list_items=200, epochs=options.epochs)
    say(f"seed {options.seed}; replay with --seed {options.seed} --minutes {options.minutes} --faults {options.faults}")
    with (
        tempfile.TemporaryDirectory(prefix="loupe-chaos-") as folder,
        RunningLoupe((options.keep or Path(folder)) / "var", SETTINGS) as loupe,
    ):
        loupe.wait_ready(300)
        began, load = time.monotonic(), os.getloadavg()[0]
        report = run(loupe, options.seed, amount, options.faults)
        if options.keep:
            (options.keep / "log.json").write_text(json.dumps(asdict(report.log)))
        # Before Loupe stops, which may go wrong as well.
        say(table(report.ledger, report.log.harms, report.findings, report.took))
        say(alone(undisturbed(report.log)))
        say(f"The slowest kills of workers:\n{worst(slowest(report.log)[:WORST])}")
        say(totals(report.ledger, report.findings))
        loads = f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after on {os.cpu_count()} cores"
        say(f"{time.monotonic() - began:.0f} s, {loads}")
        for finding in report.findings:
            say(f"{finding.wrong}: {finding.what}")
    return 1 if report.findings else 0


def say(line: str) -> None:
    """Prints a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
