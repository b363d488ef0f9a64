"""Finds the settings with which each peer and the ceiling are fastest on this machine: `python -m benchmarks.tune`.

Each setting takes one short turn under 64 clients. What all came to is kept in results/tuning.json, fastest first, and
the fastest are what `benchmarks.compare` runs. Loupe is not tuned: it runs with its defaults.
"""

from __future__ import annotations

import sys
from functools import partial

from benchmarks.support.contest import CEILING, Size, ceiling_turn, peer_turn
from benchmarks.support.options import Options, alone
from benchmarks.support.peers import PEERS, Peer
from benchmarks.support.results import write
from benchmarks.support.tuned import Settings, tried
from benchmarks.support.world import World

SECONDS = 3.0


def run(world: World, options: Options) -> int:
    """Tries all settings and writes what they came to."""
    size = Size(seconds=SECONDS, alone=1, items=0)
    found = {"Ceiling": tried(CEILING, partial(ceiling_rate, world=world, size=size))}
    for peer in PEERS:
        found[peer.name] = tried(peer.settings, partial(peer_rate, peer, world=world, size=size))
    for name, rates in found.items():
        print(f"  {name}: {rates[0]['rate']:.0f} pictures a second with {rates[0]['settings']}", flush=True)
    if not options.quick:
        write("tuning", {"tried": found})
    return 0


def ceiling_rate(settings: Settings, *, world: World, size: Size) -> float:
    """Returns the ceiling's pictures a second with some settings."""
    return ceiling_turn(settings, world, size)["Ceiling"].rate


def peer_rate(peer: Peer, settings: Settings, *, world: World, size: Size) -> float:
    """Returns a peer's pictures a second with some settings."""
    return peer_turn(peer, settings, world, size)[peer.name].rate


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
