"""A host that takes its time: it answers every request a while after it came, however many there are.

python -m benchmarks.support.slow_host FOLDER DELAY_S PORT
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.support.program import Program
from tests.support.launched import free_port

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"
HEAD_END = b"\r\n\r\n"


class SlowHost:
    """Serves the pictures of a folder in a process of its own, as a context manager."""

    def __init__(self, folder: Path, delay_s: float) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", __name__, str(folder), str(delay_s), str(self.port)]
        self._program = Program(command, folder.parent / "slow-host.log")

    def __enter__(self) -> Self:
        self._program.start()
        self._program.wait_port(self.port, 20)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.stop()


class _Connection(asyncio.Protocol):
    """One connection; requests come one after another."""

    def __init__(self, answers: dict[bytes, bytes], delay_s: float) -> None:
        self._answers = answers
        self._delay_s = delay_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(HEAD_END):
            path = self._received.split(b" ", 2)[1].partition(b"?")[0]
            self._received = b""
            asyncio.get_running_loop().call_later(self._delay_s, self._transport.write, self._answers[path])


async def serve(folder: Path, delay_s: float, port: int) -> None:
    """Serves until it is stopped."""
    pictures = {f"/{path.name}".encode(): path.read_bytes() for path in folder.glob("*.jpg")}
    answers = {path: HEAD.format(length=len(data)).encode() + data for path, data in pictures.items()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answers, delay_s), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
