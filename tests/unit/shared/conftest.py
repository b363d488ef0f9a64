"""The storages that tests run on: a folder, memory, and S3 as a local server speaks it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.storage import Storage
from tests.support.s3 import S3Server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One S3 for all tests. Its address is in the environment, as it would be for Loupe."""
    with S3Server() as server, pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment.items():
            environment.setenv(name, value)
        yield server


@pytest.fixture(params=["folder", "memory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage of each kind."""
    if request.param == "folder":
        return Storage(str(tmp_path / "files"))
    if request.param == "memory":
        return Storage(f"memory://{uuid.uuid4().hex}/files")
    server: S3Server = request.getfixturevalue("s3_server")
    return Storage(server.new_url())
