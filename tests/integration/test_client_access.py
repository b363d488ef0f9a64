"""The command with access keys, against the API as gunicorn serves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loupe.cli.entry import run
from tests.support.access import add_key, revoke
from tests.support.api_server import ApiServer
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.processes


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    add_key(path, "first", "admin")
    return path


@pytest.fixture
def server(keys: Path, own_redis: RedisServer, tmp_path: Path) -> Iterator[ApiServer]:
    with ApiServer(tmp_path / "api", own_redis.url, {"LOUPE_API_KEYS_FILE": str(keys)}) as running:
        yield running


def test_a_key_opens_what_its_scope_says_and_no_more(
    server: ApiServer, keys: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOUPE_URL", server.url)
    monkeypatch.delenv("LOUPE_API_KEY", raising=False)
    assert run(["models"]) == 4
    assert "(unauthorized). Set LOUPE_API_KEY" in capsys.readouterr().err

    monkeypatch.setenv("LOUPE_API_KEY", add_key(keys, "ben", "classify"))
    assert run(["models"]) == 0
    assert run(["train", "shapes", "--recipe", "shapes", "--no-wait"]) == 4
    assert "(forbidden). Use a key with a larger scope" in capsys.readouterr().err
    run(["doctor"])
    assert "key\tok\taccepted\n" in capsys.readouterr().out

    revoke(keys, "ben")
    assert run(["jobs"]) == 4
