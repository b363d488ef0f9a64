"""A pipeline with a toy engine and real files, that may fetch from loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest
from redis import Redis

from shared.fetch.fetcher import Fetcher
from shared.imaging import decode
from shared.registry import Registry
from shared.settings import Settings
from shared.shadow import Agreements, Copies
from shared.storage import Storage
from shared.watchdog import Watchdog
from tests.support.engines import brightness, publish_toy
from tests.support.launched import wait_until
from tests.support.open_units import Gate, OpenWorld
from tests.support.origins import Origin
from worker.decoder import Decoder
from worker.loaded import load
from worker.models import Models
from worker.pipeline import Pipeline
from worker.reader import Reader
from worker.shadow import Sender


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


@pytest.fixture
def sender(redis: Redis) -> Sender:
    """Sends copies when a test tells it to, and knows of nothing in shadow until it is told."""
    return Sender(Copies(redis), Agreements(redis), lambda data, side: decode(data, max_pixels=10**6, min_side=side))


@pytest.fixture
def decoder() -> Decoder:
    return Decoder(int(Settings().max_image_pixels))


@pytest.fixture
def pipeline(storage: Storage, decoder: Decoder, sender: Sender) -> Iterator[Pipeline]:
    registry = Registry(storage)
    publish_toy(registry)
    registry.promote("pets", 1)
    models = Models(registry, lambda n, v: load(registry, n, v, brightness), 10**9)
    with closing(Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=2)) as fetcher:
        yield Pipeline(Reader(storage, fetcher, 1_000_000), decoder, models, sender, Watchdog())


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def open_world(redis: Redis, gate: Gate) -> Iterator[OpenWorld]:
    world = OpenWorld(redis)
    yield world
    gate.open()
    # Or they would take what the next test lets wait.
    wait_until(lambda: not world.busy, 5, "all threads have ended their units")
