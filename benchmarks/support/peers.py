"""The other serving systems: how each is started, with which settings, and how it is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.support.load import Target, UnexpectedAnswer, load
from benchmarks.support.program import ROOT, Program
from benchmarks.support.tuned import Settings, grid
from benchmarks.support.world import World
from tests.support.launched import free_port

ENVIRONMENT = ROOT / ".venv-bench"
BIN = ENVIRONMENT / "bin"
# TensorFlow's import on a busy machine.
READY_S = 90


@dataclass(frozen=True)
class Peer:
    """One peer.

    Attributes:
        command: its command line for a port and settings.
        path, body, expected: how it is asked, see `Target`.
        settings: those to choose the best of.
    """

    name: str
    command: Callable[[int, Settings], list[str]]
    path: str
    body: Callable[[str], Any]
    expected: bytes
    settings: tuple[Settings, ...]


def _litserve(port: int, settings: Settings) -> list[str]:  # noqa: ARG001 - all are told by the environment
    return ["-m", "benchmarks.peers.litserve_server"]


def _bentoml(port: int, settings: Settings) -> list[str]:  # noqa: ARG001
    where = ["--host", "127.0.0.1", "--port", str(port)]
    return ["-m", "bentoml", "serve", "benchmarks.peers.bentoml_server:Classifier", *where]


def _flask(port: int, settings: Settings) -> list[str]:
    threads = ["--worker-class", "gthread", "--threads", str(settings["threads"])]
    return ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *threads, "benchmarks.peers.flask_server:app"]


LITSERVE = Peer(
    "LitServe",
    _litserve,
    "/predict",
    lambda url: {"url": url},
    b'"label"',
    grid(workers=(1, 2), batch=(16, 32), wait_ms=(0, 5), threads=(16,)),
)
BENTOML = Peer(
    "BentoML",
    _bentoml,
    "/classify",
    lambda url: {"urls": [url]},
    b'["',
    grid(workers=(1, 2, 4), batch=(16, 64), threads=(16,)),
)
FLASK = Peer("Flask", _flask, "/predict", lambda url: {"url": url}, b'"label"', grid(threads=(4, 16)))
PEERS = (LITSERVE, BENTOML, FLASK)


@contextmanager
def running(peer: Peer, settings: Settings, world: World) -> Iterator[Target]:
    """Starts a peer and yields how to ask it; it has answered already.

    Raises:
        SystemExit: the peers are not installed.
    """
    if not BIN.exists():
        sys.exit(f"The peers are not installed in {ENVIRONMENT.name}: make {ENVIRONMENT.name}/.installed")
    port = free_port()
    told = {f"BENCH_{name.upper()}": str(value) for name, value in {**settings, "port": port}.items()}
    environment = {"BENCH_MODEL": str(world.model), "BENTOML_DO_NOT_TRACK": "True", "TF_CPP_MIN_LOG_LEVEL": "3", **told}
    log = Path(world.folder, f"{peer.name}.log")
    program = Program([str(BIN / "python"), *peer.command(port, settings)], log, environment)
    target = Target(port, peer.path, peer.body, peer.expected)
    program.start()
    try:
        program.wait(lambda: _answers(target, world), READY_S)
        yield target
    finally:
        program.stop()


def _answers(target: Target, world: World) -> bool:
    try:
        load(target, world.urls, clients=1, count=1, seconds=5)
    except (OSError, UnexpectedAnswer):
        return False
    return True
