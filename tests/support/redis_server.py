"""A private embedded Redis for tests: the server `make run` uses, with the options `make run` gives it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from launch.redis_server import find_redis_server, redis_command
from shared.redis_url import MAX_SOCKET_PATH_BYTES, as_broker_url


class RedisServer:
    """A redis-server on a Unix socket in `folder`, which keeps its data over `stop` and `start`.

    Use as a context manager, or call `start` and `close`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._short = Path(tempfile.mkdtemp(prefix="loupe-test-"))
        inside = folder / "redis.sock"
        short_enough = len(os.fsencode(inside)) <= MAX_SOCKET_PATH_BYTES
        self.socket_path = inside if short_enough else self._short / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL for redis-py and `LOUPE_REDIS_URL`."""
        return f"unix://{quote(str(self.socket_path))}?db=0"

    @property
    def broker_url(self) -> str:
        """The URL for Celery."""
        return as_broker_url(self.url)

    @property
    def pid(self) -> int:
        """The server's process id."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def start(self, timeout_s: float = 10) -> Self:
        """Starts the server and returns once it answers; on data of an earlier start, once that is loaded."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket_path.unlink(missing_ok=True)
        command = redis_command(find_redis_server(), self.folder, self.socket_path)
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + timeout_s
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start:\n{(self.folder / 'redis.log').read_text()}")
            time.sleep(0.005)
        return self

    def answers(self, timeout_s: float = 1) -> bool:
        """Says whether the server answers a PING."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(timeout_s)
            try:
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self) -> None:
        """Ends the server as `make run` does; its data are on the disk then."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server with SIGKILL; at most the last second of writes is lost."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stops the server in its tracks: connections stay open, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen server go on."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Ends the server at once, frozen or not, and removes its short folder."""
        if self._process is not None:
            self._end(signal.SIGKILL)
        shutil.rmtree(self._short, ignore_errors=True)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(timeout=10)
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
