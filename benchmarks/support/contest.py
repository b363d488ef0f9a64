"""One turn of each contestant: it alone runs, is asked by one client, then by many, and is stopped again."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.support.jobs import run_list, single_target
from benchmarks.support.load import Target, load
from benchmarks.support.peers import Peer, running
from benchmarks.support.program import ROOT
from benchmarks.support.tuned import Settings, grid
from benchmarks.support.world import READY_S, World

CLIENTS = 64
# Requests that open connections and let adaptive batching learn, before anything counts.
WARM_UP = 200
# What the ceiling is tried with.
CEILING = grid(threads=(2, 4, 8, 16), batch=(16, 64))


@dataclass(frozen=True)
class Size:
    """How much is measured in a turn.

    Attributes:
        seconds: of the load by many clients, and of the ceiling.
        alone: most requests of a single client.
        items: length of a list.
    """

    seconds: float
    alone: int
    items: int


@dataclass(frozen=True)
class Turn:
    """What a turn came to.

    Attributes:
        rate: pictures a second.
        alone_ms: median milliseconds of a single client's requests; None where there are no requests.
        refused: share of the answers that were no good ones, from 0 to 1.
    """

    rate: float
    alone_ms: float | None = None
    refused: float = 0.0


def serve(target: Target, world: World, size: Size) -> Turn:
    """Returns one client's median, then many clients' rate."""
    load(target, world.urls, clients=8, count=WARM_UP, seconds=size.seconds)
    alone = load(target, world.urls, clients=1, count=size.alone, seconds=size.seconds)
    many = load(target, world.urls, clients=CLIENTS, count=1_000_000, seconds=size.seconds)
    refused = (alone.failed + many.failed) / (len(alone.times) + alone.failed + len(many.times) + many.failed)
    return Turn(many.rate, 1000 * statistics.median(alone.times), refused)


def peer_turn(peer: Peer, settings: Settings, world: World, size: Size) -> dict[str, Turn]:
    """Returns a peer's turn by its name."""
    with running(peer, settings, world) as target:
        return {peer.name: serve(target, world, size)}


def loupe_turn(world: World, size: Size) -> dict[str, Turn]:
    """Returns Loupe's turns, of its single jobs and its list job, with its default settings."""
    with world.loupe() as loupe:
        loupe.wait_ready(READY_S)
        single = serve(single_target(loupe), world, size)
        # The worker for lists is another process, which opens its own connections before anything counts.
        run_list(loupe, world.take(size.items // 10), 120)
        seconds = run_list(loupe, world.take(size.items), 600)
    return {"Loupe, single": single, "Loupe, list": Turn(size.items / seconds)}


def ceiling_turn(settings: Settings, world: World, size: Size) -> dict[str, Turn]:
    """Returns the ceiling's turn, in a process of its own."""
    numbers = [str(settings["threads"]), str(settings["batch"]), str(size.seconds)]
    command = [sys.executable, "-m", "benchmarks.ceiling", str(world.model), world.base_url, *numbers]
    said = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return {"Ceiling": Turn(said["pictures"] / said["seconds"])}
