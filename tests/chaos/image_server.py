"""The image server, which writes down which worker asked for which picture, and when."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.chaos.harm import Log, Start
from tests.support import pictures
from tests.support.exchange import Exchange
from tests.support.origins import Origin, serve
from trainer.datasets.shapes import LABELS, Shapes

# Long enough that a kill finds work under way.
ANSWERS_AFTER_S = 0.2


class ImageServer:
    """One clear picture of each shape, under as many URLs as are wanted.

    Args:
        workers: returns the process ids of all workers.
    """

    def __init__(self, log: Log, workers: Callable[[], Iterable[int]]) -> None:
        self._log = log
        self._workers = workers
        self._askers: dict[int, int | None] = {}
        self._origin = Origin()
        for index, label in enumerate(LABELS):
            pixels, _ = Shapes(len(LABELS), seed=3).read(index)
            self._origin.on(f"/{label}.png", self._behaviour(pictures.encode(".png", pixels)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._origin.close()

    def url(self, number: int) -> str:
        """Returns the URL of a picture that nobody asked for yet; the shapes come in turn."""
        return self._origin.url(f"/{LABELS[number % len(LABELS)]}.png?{number}")

    def _behaviour(self, picture: bytes) -> Callable[[Exchange], bool | None]:
        answer = serve(picture)

        def behave(exchange: Exchange) -> bool | None:
            asker = self._asker(exchange)
            self._log.starts.append(Start(self._origin.url(exchange.request.path), time.time(), asker))
            exchange.wait(ANSWERS_AFTER_S)
            return answer(exchange)

        return behave

    def _asker(self, exchange: Exchange) -> int | None:
        connection = exchange.request.connection
        if connection not in self._askers:
            self._askers[connection] = owner(exchange.sock.getpeername()[1], self._origin.port, self._workers())
        return self._askers[connection]


def owner(port: int, server_port: int, among: Iterable[int]) -> int | None:
    """Returns which process has the connection from a port of loopback to another one.

    None if none of them has, and where there is no Linux to ask.
    """
    inode = _inode(f"0100007F:{port:04X}", f"0100007F:{server_port:04X}")
    return next((pid for pid in among if inode and f"socket:[{inode}]" in _open_files(pid)), None)


def _inode(local: str, remote: str) -> str | None:
    table = Path("/proc/net/tcp")
    for line in table.read_text().splitlines()[1:] if table.exists() else []:
        fields = line.split()
        if fields[1:3] == [local, remote]:
            return fields[9]
    return None


def _open_files(pid: int) -> set[str]:
    found = set()
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            for entry in entries:
                found.add(str(Path(entry.path).readlink()))
    except OSError:
        # It died meanwhile, or closed a file.
        pass
    return found
