from __future__ import annotations

import io
import tempfile
import threading
import time
from typing import IO, Any

import pytest

from tests.support.api_world import ApiWorld
from tests.support.archives import zipped


def test_a_long_list_has_its_messages_when_it_is_answered(api: ApiWorld) -> None:
    answer = api.post(json={"urls": [f"http://example.org/{n}" for n in range(131 * 64)]})
    assert answer.status_code == 202
    assert api.redis.llen("loupe:batch") == api.redis.zcard("loupe:waiting:batch") == 131


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/api/v1/classifications", {"file": (io.BytesIO(b"GIF"), "a.gif")}),
        ("/api/v1/classifications", {"file": (io.BytesIO(zipped({"a.gif": b"GIF"})), "some.zip")}),
        ("/api/v1/datasets", {"name": "pets", "archive": (io.BytesIO(zipped({"cat/a.gif": b"GIF"})), "pets.zip")}),
    ],
)
def test_who_waits_for_uploads_to_be_worked_on_does_not_hold_them(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch, path: str, form: dict[str, Any]
) -> None:
    # Given temporary files that can be looked at
    spools: list[IO[bytes]] = []
    make = tempfile.TemporaryFile

    def temporary_file() -> IO[bytes]:
        spools.append(make())
        return spools[-1]

    monkeypatch.setattr("api.spool.tempfile.TemporaryFile", temporary_file)

    # When an upload's job waits for a worker
    waiting = threading.Thread(target=api.post, args=(path,), kwargs={"data": form, "headers": {"Prefer": "wait=60"}})
    waiting.start()
    while not (jobs := api.services.jobs.page().jobs):
        time.sleep(0.01)
    held = [not spool.closed for spool in spools]
    still = waiting.is_alive()
    api.services.jobs.cancel(jobs[0].id)
    waiting.join()

    # Then the request waits, and the upload is not on the disk twice
    assert still
    assert held == [False]
