"""S3 beside gevent, in a process of its own that gevent has changed as it changes the API's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.s3 import S3Server

ROOT = Path(__file__).parents[3]
CODE = """
from gevent import monkey

monkey.patch_all()

import sys, time
import gevent
from api.storage_loop import start_storage_loop

start_storage_loop(sys.argv[1])

from shared.storage import Storage

storage, ticks = Storage(sys.argv[1]), []


def tick():
    while True:
        ticks.append(time.monotonic())
        gevent.sleep(0.01)


gevent.spawn(tick)
storage.check()
storage.write_bytes("models/pets", b"weights")
readers = [gevent.spawn(storage.read_bytes, "models/pets") for _ in range(10)]
gevent.joinall(readers)
assert [reader.value for reader in readers] == [b"weights"] * 10
assert storage.names("models") == ["pets"]
assert storage.local_path("models/pets").read_bytes() == b"weights"
# Others went on meanwhile.
assert len(ticks) > 10, len(ticks)
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_greenlets_read_and_write_remote_files_and_the_process_ends(host: str) -> None:
    with S3Server() as server:
        environment = server.environment | {"AWS_ENDPOINT_URL": server.endpoint.replace("127.0.0.1", host)}
        line = [sys.executable, "-c", CODE, server.new_url()]
        done = subprocess.run(
            line, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
