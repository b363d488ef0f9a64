from __future__ import annotations

import io
import tempfile
from typing import IO, Any

import pytest

from api.spool import Part
from tests.support.api_world import ApiWorld


def test_parts_share_one_file_and_are_read_apart() -> None:
    with tempfile.TemporaryFile() as spool:
        first, second = Part(spool), None
        first.write(b"one")
        first.write(b" more")
        second = Part(spool)
        second.write(b"two")

        assert second.read() == b"two"
        assert first.read(3) == b"one"
        second.seek(1)
        assert second.read(1) == b"w"
        assert first.read() == b" more"
        assert first.read() == b""
        first.seek(-4, io.SEEK_END)
        assert first.read(100) == b"more"
        assert first.tell() == 8
        first.seek(1000)
        assert first.read(4) == b""


def test_the_spool_of_a_request_is_one_file_and_closed_with_it(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[IO[bytes]] = []

    def temporary_file(*arguments: Any, **options: Any) -> IO[bytes]:
        made.append(io.BytesIO())
        return made[-1]

    monkeypatch.setattr("api.spool.tempfile.TemporaryFile", temporary_file)

    answer = api.post(data={"file": [(io.BytesIO(b"GIF"), "a.gif")] * 1 + [(io.BytesIO(b"PNG"), "b.png")]})

    assert answer.status_code == 202
    assert [file.closed for file in made] == [True]
