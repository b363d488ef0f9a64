"""A pipeline with a toy engine and real files, that may fetch from loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest

from shared.fetch.fetcher import Fetcher
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage
from tests.support.engines import brightness, publish_toy
from tests.support.origins import Origin
from worker.loaded import load
from worker.models import Models
from worker.pipeline import Pipeline


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


@pytest.fixture
def pipeline(storage: Storage) -> Iterator[Pipeline]:
    registry = Registry(storage)
    publish_toy(registry)
    registry.promote("pets", 1)
    models = Models(registry, lambda n, v: load(registry, n, v, brightness), 10**9)
    with closing(Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=2)) as fetcher:
        yield Pipeline(Settings(max_image_bytes=1_000_000), storage, fetcher, models)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server
