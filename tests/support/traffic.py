"""Single pictures sent one after another from several threads, and what came of each."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.support.loupe import RunningLoupe

THREADS = 4
WAIT_S = 30


@dataclass(frozen=True)
class Answered:
    """An answer: when its request began and ended, on the monotonic clock, and which version gave it.

    Attributes:
        version: None if it failed, and `trouble` says how.
    """

    began: float
    ended: float
    version: int | None
    trouble: str = ""


class Traffic:
    """Sends pictures to a model for as long as the block lasts; then `answers` is whole.

    Args:
        pause_s: between the requests of a thread.
    """

    def __init__(self, loupe: RunningLoupe, model: str, pictures: Sequence[bytes], *, pause_s: float = 0.0) -> None:
        self._loupe = loupe
        self._model = model
        self._pictures = pictures
        self._pause_s = pause_s
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS)
        self._senders: list[Future[None]] = []
        self.answers: list[Answered] = []

    def __enter__(self) -> Self:
        self._senders = [self._pool.submit(self._send, number) for number in range(THREADS)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown()
        for sender in self._senders:
            sender.result()

    @property
    def troubles(self) -> list[str]:
        """What went wrong."""
        return [answer.trouble for answer in self.answers if answer.version is None]

    @property
    def versions(self) -> Counter[int | None]:
        """How many answers each version gave."""
        return Counter(answer.version for answer in self.answers)

    def since(self, moment: float) -> set[int | None]:
        """Returns the versions that answered what was sent after a moment."""
        return {answer.version for answer in list(self.answers) if answer.began > moment}

    def wait(self, condition: Callable[[], object], timeout_s: float, what: str) -> float:
        """Returns after how many seconds the condition held; nothing may fail until then."""
        began = time.monotonic()
        while not condition():
            assert not self.troubles, self.troubles[:3]
            assert time.monotonic() - began < timeout_s, f"not within {timeout_s} s: {what}; {self.versions}"
            time.sleep(0.05)
        return time.monotonic() - began

    def wait_more(self, count: int, timeout_s: float = 30) -> None:
        """Returns once so many more pictures have their answers."""
        wanted = len(self.answers) + count
        self.wait(lambda: len(self.answers) >= wanted, timeout_s, f"{count} more answers")

    def _send(self, number: int) -> None:
        while not self._stop.wait(self._pause_s):
            picture = self._pictures[(len(self.answers) + number) % len(self._pictures)]
            began = time.monotonic()
            version, trouble = self._ask(picture)
            self.answers.append(Answered(began, time.monotonic(), version, trouble))

    def _ask(self, picture: bytes) -> tuple[int | None, str]:
        try:
            job = self._loupe.classify(
                wait_s=WAIT_S, files={"file": ("shape.png", picture)}, data={"model": self._model}
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
            return None, repr(error)
        if job["status"] != "succeeded":
            return None, f"{job['status']}: {job['error']}"
        model = job["result"]["model"]
        return (model["version"], "") if model["name"] == self._model else (None, f"answered by {model}")
