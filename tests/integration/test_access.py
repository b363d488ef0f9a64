"""Access as gunicorn and `make` serve it, with two processes and one file of keys."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from shared.ids import new_id
from shared.jobs.model import Kind, NewJob, NewUnit, Queue
from shared.jobs.store import JobStore
from shared.redis_client import connect
from shared.settings import Settings
from tests.support.access import TOKEN, add_key, bearer, revoke
from tests.support.api_server import COMMAND, ROOT, ApiServer, environment
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.processes


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    add_key(path, "ann", "train")
    return path


@pytest.fixture
def server(keys: Path, own_redis: RedisServer, tmp_path: Path) -> Iterator[ApiServer]:
    settings = {"LOUPE_API_KEYS_FILE": str(keys), "LOUPE_TRUSTED_PROXIES": "192.0.2.0/24"}
    with ApiServer(tmp_path / "api", own_redis.url, settings, workers=2) as running:
        yield running


def test_every_process_knows_a_new_key_a_session_and_a_revoked_key(server: ApiServer, keys: Path) -> None:
    key = add_key(keys, "ben", "classify")
    browser = requests.Session()
    found = TOKEN.search(browser.get(f"{server.url}/sign-in").text)
    assert found
    fields = {"form_token": found[1], "key": key, "back": "/jobs"}
    assert browser.post(f"{server.url}/sign-in", data=fields).url == f"{server.url}/jobs"

    # Each on a connection of its own, so that both processes answer.
    cookies = browser.cookies.get_dict()
    for _ in range(12):
        assert server.send("GET", "/jobs", cookies=cookies).status_code == 200
        assert server.send("GET", "/api/v1/jobs", headers=bearer(key)).status_code == 200

    revoke(keys, "ben")
    for _ in range(12):
        assert server.send("GET", "/jobs", cookies=cookies).status_code == 401
        assert server.send("GET", "/api/v1/jobs", headers=bearer(key)).status_code == 401


def test_a_stream_of_events_breaks_off_within_5_s_of_its_keys_end(
    server: ApiServer, keys: Path, own_redis: RedisServer
) -> None:
    # Given a job that waits, and two streams of its events
    new = NewJob(id=new_id(), kind=Kind.TRAINING, queue=Queue.TRAIN, units=[NewUnit({})], spec={}, total=0)
    with closing(connect(Settings(redis_url=own_redis.url), timeout_s=2)) as redis:
        JobStore(redis, ttl_s=3600, max_queued_items=10).create(new)
    path = f"/api/v1/jobs/{new.id}/events"
    sent = [server.send("GET", path, headers=bearer(add_key(keys, name, "classify")), stream=True) for name in "bc"]
    with closing(sent[0]) as revoked, closing(sent[1]) as other:
        lines = revoked.iter_lines()
        assert next(lines) == b"event: progress"

        # When the key of one is revoked, it ends without the end that a whole answer has
        revoke(keys, "b")
        began = time.monotonic()
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(lines)
        assert time.monotonic() - began < 5.5

        # Then the other goes on, and nothing is said to have failed
        others = other.iter_lines()
        while next(others) != b": still here":
            pass
        assert b": still here" in others
    assert "Traceback" not in (server.folder / "gunicorn.log").read_text()


def test_forwarding_headers_of_anybody_else_are_not_believed(server: ApiServer) -> None:
    answer = server.send("GET", "/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"})

    assert "Secure" not in answer.headers["Set-Cookie"]


def test_a_trusted_proxy_says_that_the_browser_came_over_tls(
    keys: Path, own_redis: RedisServer, tmp_path: Path
) -> None:
    settings = {"LOUPE_API_KEYS_FILE": str(keys), "LOUPE_TRUSTED_PROXIES": "127.0.0.0/8"}
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "loupe.example"}
    with ApiServer(tmp_path / "api", own_redis.url, settings, workers=2) as server:
        page = server.send("GET", "/sign-in", headers=headers)
        assert "Secure" in page.headers["Set-Cookie"]
        found = TOKEN.search(page.text)
        assert found
        fields = {"form_token": found[1], "key": "loupe_wrong"}
        own = {**headers, "Origin": "https://loupe.example", "Cookie": page.headers["Set-Cookie"].partition(";")[0]}
        assert server.send("POST", "/sign-in", headers=own, data=fields).status_code == 401
        foreign = own | {"Origin": "https://evil.example"}
        assert server.send("POST", "/sign-in", headers=foreign, data=fields).status_code == 403


@pytest.mark.parametrize("content", [None, "{}"])
def test_a_broken_file_of_keys_stops_a_start_with_one_line(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)
    settings = {"LOUPE_DATA_DIR": str(tmp_path / "var"), "LOUPE_API_KEYS_FILE": str(path)}
    for command in (COMMAND, (sys.executable, "-m", "launch")):
        run = subprocess.run(command, cwd=ROOT, env=environment(settings), capture_output=True, text=True, timeout=60)
        assert run.returncode not in {0, None}
        assert re.fullmatch(r"LOUPE_API_KEYS_FILE: expected a file of hashed keys[^\n]*\n", run.stderr), run.stderr


def test_the_commands_of_make_make_list_and_revoke(tmp_path: Path) -> None:
    settings = {"LOUPE_DATA_DIR": str(tmp_path / "var"), "LOUPE_API_KEYS_FILE": str(tmp_path / "keys.json")}

    def make(*words: str) -> subprocess.CompletedProcess[str]:
        # What is installed already is what the tests run with.
        command = ["make", "--silent", "--old-file=.venv/.run", *words]
        return subprocess.run(command, cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=False)

    made = make("key", "NAME=ann", "SCOPE=train")
    assert made.returncode == 0, made.stderr
    assert re.fullmatch(r"loupe_[A-Za-z0-9_-]{43}\n", made.stdout)
    assert make("keys").stdout.startswith("ann\ttrain\t")
    assert make("key", "NAME=x; touch broken", "SCOPE=train").returncode == 2
    assert make("revoke", "NAME=ann").returncode == 0
    assert make("keys").stdout == ""
