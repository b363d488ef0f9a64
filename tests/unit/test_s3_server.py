"""The S3 of the tests: one after the other in a process, as test files of a run are."""

from __future__ import annotations

import pytest

from shared.storage import Storage
from tests.support.s3 import S3Server


def test_a_storage_is_on_the_server_that_is_there_now(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        with S3Server() as server, monkeypatch.context() as environment:
            for name, value in server.environment.items():
                environment.setenv(name, value)
            storage = Storage(server.new_url())
            storage.write_bytes("a", b"1")
            assert storage.read_bytes("a") == b"1"
