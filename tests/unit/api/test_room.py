from __future__ import annotations

import io

import pytest

from api.room import MIB, RESERVE
from tests.support.api_world import URL, ApiWorld

# As much as werkzeug's test client holds in memory, and more than is taken for small here.
SIZE = 300_000


def leave(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Lets the disk have so much room, and has this test's bodies looked at."""
    monkeypatch.setattr("api.room.SMALL", 1000)
    monkeypatch.setattr("shared.storage.free_bytes", lambda folder: free)


def upload(api: ApiWorld) -> tuple[int, str]:
    answer = api.post(data={"file": (io.BytesIO(bytes(SIZE)), "a.gif")})
    assert answer.json is not None
    return answer.status_code, answer.json.get("code", "")


def test_an_upload_is_refused_before_it_fills_the_disk(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(monkeypatch, RESERVE + 2 * SIZE)

    assert upload(api) == (503, "storage_full")

    # What needs little room is still taken.
    assert api.post(json={"url": URL}).status_code == 202
    leave(monkeypatch, RESERVE + 2 * SIZE + 1000)
    assert upload(api)[0] == 202


def test_a_body_of_unknown_length_needs_room_for_the_longest(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(monkeypatch, RESERVE + MIB)
    chunked = {"Transfer-Encoding": "chunked", "Content-Type": "text/plain"}

    answer = api.post(input_stream=io.BytesIO(b"http://a.test/"), headers=chunked)

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (503, "storage_full")


def test_a_body_that_is_too_large_is_refused_for_that(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(monkeypatch, 0)

    answer = api.post(data=b"x", content_type="text/plain", environ_overrides={"CONTENT_LENGTH": str(10**12)})

    assert answer.status_code == 413
