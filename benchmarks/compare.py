"""Pictures a second: Loupe's lists and single jobs, three other serving systems, and the ceiling of the machine.

    python -m benchmarks.compare [--quick]

All classify the same pictures with the same model: a URL comes in, the class goes out. Each has a turn in every round,
alone on the machine, and the order moves on by one from round to round, so that whatever else the machine does meets
all of them. The figures are medians over the rounds.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial

from benchmarks.support.checks import Check
from benchmarks.support.contest import CEILING, CLIENTS, Size, Turn, ceiling_turn, loupe_turn, peer_turn
from benchmarks.support.options import Options, alone
from benchmarks.support.peers import PEERS
from benchmarks.support.plot import rates_plot
from benchmarks.support.results import FOLDER, record
from benchmarks.support.stats import Summary, summary
from benchmarks.support.tuned import best
from benchmarks.support.world import World

ROUNDS = 5
SIZE = Size(seconds=6.0, alone=200, items=8000)
QUICK = Size(seconds=2.0, alone=20, items=500)
# Measured before, both were above these; a run in which they are slower was set up wrongly, or disturbed.
LITSERVE_OF_CEILING, BENTOML_OF_CEILING = 0.28, 0.20
# Whoever refuses more than this is not measured at its work.
MOST_REFUSED = 0.01
LIST, SINGLE = "Loupe, list", "Loupe, single"

Turns = dict[str, list[Turn]]
Take = Callable[[], dict[str, Turn]]


def run(world: World, options: Options) -> int:
    """Runs all rounds and judges them."""
    size, rounds = (QUICK, 1) if options.quick else (SIZE, ROUNDS)
    settings = {"Ceiling": best("Ceiling", CEILING), **{peer.name: best(peer.name, peer.settings) for peer in PEERS}}
    ways: list[Take] = [partial(loupe_turn, world, size), partial(ceiling_turn, settings["Ceiling"], world, size)]
    ways += [partial(peer_turn, peer, settings[peer.name], world, size) for peer in PEERS]
    turns = interleaved(ways, rounds)
    rates = {name: summary([turn.rate for turn in taken]) for name, taken in turns.items()}
    alone_ms = {
        name: summary([turn.alone_ms for turn in taken if turn.alone_ms is not None])
        for name, taken in turns.items()
        if taken[0].alone_ms is not None
    }
    show(rates, alone_ms)
    details = {
        "rounds": rounds,
        "clients": CLIENTS,
        "settings": {name: dict(one) for name, one in settings.items()},
        "rates": {name: asdict(one) for name, one in rates.items()},
        "alone_ms": {name: asdict(one) for name, one in alone_ms.items()},
        "turns": {name: [asdict(turn) for turn in taken] for name, taken in turns.items()},
    }
    refused = max(turn.refused for taken in turns.values() for turn in taken)
    if not options.quick:
        rates_plot(details, FOLDER / "compare.svg")
    return record("compare", checks(rates, alone_ms, refused), details, quick=options.quick)


def interleaved(ways: Sequence[Take], rounds: int) -> Turns:
    """Returns the turns of each contestant; each round begins with the next one."""
    turns: Turns = defaultdict(list)
    for number in range(rounds):
        first = number % len(ways)
        for way in [*ways[first:], *ways[:first]]:
            for name, turn in way().items():
                turns[name].append(turn)
                print(f"  round {number + 1}: {name} {turn.rate:.0f} pictures a second", flush=True)
    return turns


def checks(rates: Mapping[str, Summary], alone_ms: Mapping[str, Summary], refused: float) -> list[Check]:
    """Returns the ratios of the medians, with their targets."""
    rate = {name: found.median for name, found in rates.items()}
    ceiling, litserve = rate["Ceiling"], rate["LitServe"]
    one = {name: found.median for name, found in alone_ms.items()}
    return [
        Check("LitServe, of the ceiling", litserve / ceiling, least=LITSERVE_OF_CEILING, condition=True),
        Check("BentoML, of the ceiling", rate["BentoML"] / ceiling, least=BENTOML_OF_CEILING, condition=True),
        Check("requests refused by any contestant, share", refused, most=MOST_REFUSED, condition=True),
        Check("Loupe's list, times LitServe", rate[LIST] / litserve, least=2.5),
        Check("Loupe's list, of the ceiling", rate[LIST] / ceiling, least=0.7),
        Check(f"Loupe's single jobs at {CLIENTS} clients, times LitServe", rate[SINGLE] / litserve, least=0.8),
        Check("a single job alone, median, times LitServe's", one[SINGLE] / one["LitServe"], most=1.2),
    ]


def show(rates: Mapping[str, Summary], alone_ms: Mapping[str, Summary]) -> None:
    """Prints a line a contestant."""
    print(f"  {'':<14}{'pictures a second':>34}{'one request alone, ms':>26}")
    for name, rate in rates.items():
        line = f"  {name:<14}{rate.median:>14.0f} ({rate.low:>6.0f} to {rate.high:>6.0f})"
        print(f"{line:<50}{alone_ms[name].median:>24.1f}" if name in alone_ms else line)


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
