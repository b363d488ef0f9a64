"""More than Loupe can take at once: what is over the limit is told so, and nobody's single picture waits for a list."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from api.process import allow_open_files
from shared.registry import Registry
from shared.storage import Storage
from tests.chaos.harm import percentile
from tests.chaos.left import ownerless
from tests.support import pictures
from tests.support.api_server import ApiServer
from tests.support.loupe import RunningLoupe
from tests.support.manifests import toy_manifest
from tests.support.origins import Origin, serve
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.timeout(240, func_only=True)]

CLIENTS, ROOM = 2000, 200
PICTURE = pictures.encode(".png", pictures.photo())


@dataclass(frozen=True)
class Reply:
    """What one client got; status 0 where the connection ended without an answer."""

    status: int
    retry_after: bool
    code: str


@pytest.fixture
def small(own_redis: RedisServer, tmp_path: Path) -> Iterator[ApiServer]:
    """The API with room for fewer items than there are clients, and no worker."""
    registry = Registry(Storage(str(tmp_path / "var" / "storage")))
    registry.publish(toy_manifest(), {})
    registry.promote("pets", 1)
    with ApiServer(tmp_path, own_redis.url, {"LOUPE_MAX_QUEUED_ITEMS": str(ROOM)}) as running:
        yield running


async def ask(port: int, gate: asyncio.Event, number: int) -> Reply:
    """Connects, waits for all others, and sends a picture's address."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"url": f"http://example.org/{number}"}).encode()
    head = f"Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close"
    await gate.wait()
    try:
        writer.write(f"POST /api/v1/classifications HTTP/1.1\r\n{head}\r\n\r\n".encode() + body)
        answer = await reader.read()
    except ConnectionError:
        return Reply(0, retry_after=False, code="")
    finally:
        writer.close()
    top, _, content = answer.partition(b"\r\n\r\n")
    if not top:
        return Reply(0, retry_after=False, code="")
    told: dict[str, Any] = json.loads(content)
    return Reply(int(top.split()[1]), b"retry-after:" in top.lower(), str(told.get("code", "")))


async def all_at_once(port: int) -> list[Reply]:
    gate = asyncio.Event()
    asking = [asyncio.ensure_future(ask(port, gate, number)) for number in range(CLIENTS)]
    await asyncio.sleep(1)
    gate.set()
    return await asyncio.gather(*asking)


def test_two_thousand_clients_at_once_are_all_answered(small: ApiServer, own_redis: RedisServer) -> None:
    # This process has a socket for each of them.
    allow_open_files()
    replies = asyncio.run(all_at_once(small.port))

    # Nobody is left without an answer, and who is over the limit is told when to come again
    kinds = Counter((reply.status, reply.code) for reply in replies)
    assert set(kinds) <= {(202, ""), (429, "queue_full"), (503, "overloaded"), (503, "redis_unavailable")}, kinds
    assert all(reply.retry_after for reply in replies)
    # What was accepted is there, and no more than there was room for
    with Redis.from_url(own_redis.url, decode_responses=True) as client:
        # (a request whose answer of Redis came too late may have made its job)
        assert kinds[202, ""] <= client.llen("loupe:classify") <= ROOM
        assert client.llen("loupe:classify") <= kinds[202, ""] + kinds[503, "redis_unavailable"]
        # And most of those that began were told the truth in time, also where cores are busy
        assert kinds[503, "redis_unavailable"] <= CLIENTS / 10, kinds
        # Once it is over nothing stays that belongs to nobody
        for job in small.send("GET", "/api/v1/jobs?limit=1000").json()["items"]:
            small.send("POST", f"/api/v1/jobs/{job['id']}/cancel")
        assert ownerless(client) == []


@pytest.mark.tensorflow
def test_a_single_picture_does_not_wait_for_a_long_list_and_a_training(loupe: RunningLoupe) -> None:
    with Origin() as origin:
        origin.on("/a.png", serve(PICTURE))
        urls = [origin.url(f"/a.png?{number}") for number in range(10_000)]
        asked = {"dataset": "shapes", "recipe": "shapes", "model": "beside-a-list", "params": {"epochs": 50}}
        jobs: list[str] = []
        try:
            # Given a training and a list of 10,000, both under way; the list takes less time than a training's start
            for path, body in (("trainings", asked), ("classifications", {"urls": urls})):
                jobs.append(loupe.post(f"/api/v1/{path}", json=body).json()["id"])
                while loupe.get(f"/api/v1/jobs/{jobs[-1]}").json()["progress"]["done"] == 0:
                    time.sleep(0.1)
            # When somebody sends one picture after the other
            took = []
            for _ in range(20):
                begun = time.monotonic()
                assert loupe.classify(files={"file": ("a.png", PICTURE)})["status"] == "succeeded"
                took.append(time.monotonic() - begun)
            # Then nearly each is answered at once, also where other tests run
            assert loupe.get(f"/api/v1/jobs/{jobs[-1]}").json()["status"] == "running"
            assert percentile(took, 0.95) < 2, took
        finally:
            for job_id in jobs:
                loupe.post(f"/api/v1/jobs/{job_id}/cancel")
                loupe.wait_job(job_id, 60)
