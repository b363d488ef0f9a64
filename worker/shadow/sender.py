"""Sends copies of answered pictures to the challengers, and slows no answer for it."""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from shared.shadow import Agreements, Copies, Copy, Pair
from shared.shadow.copies import MOST_BYTES
from worker.loaded import LoadedModel
from worker.shadow.challenger import Challenger

log = logging.getLogger(__name__)

# What waits in this process for the thread that sends it. Files are held only where the challenger takes another input.
MOST_WAITING = 64
MOST_WAITING_BYTES = 32 * 1024 * 1024

Decode = Callable[[bytes, int], NDArray[Any]]


@dataclass(frozen=True)
class Drawn:
    """A picture that the challenger gets a copy of.

    Attributes:
        inputs: uint8, as the challenger takes it; None if it has yet to be made of the picture's file.
    """

    challenger: Challenger
    inputs: NDArray[Any] | None


@dataclass(frozen=True)
class _Answered:
    drawn: Drawn
    label: str
    file: bytes

    @property
    def bytes(self) -> int:
        """Of memory that it holds."""
        inputs = self.drawn.inputs
        return len(self.file) + (0 if inputs is None else inputs.nbytes)


class Sender:
    """Draws pictures and sends their copies, in a thread of its own. What finds a queue full is dropped and counted.

    Args:
        decode: makes a picture, uint8 RGB (h, w, 3), of a file's bytes and the least short side it is to have.
    """

    def __init__(self, copies: Copies, agreements: Agreements, decode: Decode) -> None:
        self._copies = copies
        self._agreements = agreements
        self._decode = decode
        self._challengers: Mapping[str, Challenger] = {}
        self._waiting: deque[_Answered] = deque()
        self._waiting_bytes = 0
        self._dropped: Counter[Pair] = Counter()
        self._lock = threading.Condition()

    def start(self) -> None:
        """Sends until the process ends."""
        threading.Thread(target=self._run, name="shadow-send", daemon=True).start()

    def follow(self, challengers: Mapping[str, Challenger]) -> None:
        """Draws for these from now on, by model."""
        self._challengers = challengers

    def is_current(self, pair: Pair) -> bool:
        """Tells whether a version is still in shadow."""
        challenger = self._challengers.get(pair.model)
        return challenger is not None and challenger.pair == pair

    def draw(self, model: LoadedModel, inputs: NDArray[Any]) -> Drawn | None:
        """Draws whether a picture that `model` is about to answer is copied, each by itself and by chance.

        Only what the served version answers is: another one may have been asked for.

        Args:
            inputs: the picture as `model` takes it, which often is what the challenger takes.
        """
        challenger = self._challengers.get(model.name)
        if challenger is None or challenger.pair.champion != model.version:
            return None
        if random.random() >= challenger.fraction:  # noqa: S311 - nobody gains by guessing it
            return None
        if challenger.input_bytes > MOST_BYTES:
            self._drop(challenger.pair)
            return None
        return Drawn(challenger, inputs if challenger.input == model.manifest.input else None)

    def prepared(self, drawn: Drawn, file: bytes) -> Drawn | None:
        """Returns a picture as the challenger takes it, made of its file if it must; None if that fails."""
        if drawn.inputs is not None:
            return drawn
        challenger = drawn.challenger
        try:
            return Drawn(challenger, challenger.prepare(self._decode(file, challenger.side)))
        except Exception as error:  # noqa: BLE001 - it is no matter of whoever sent the picture
            log.warning("a copy for the version in shadow was lost: %s", error)
            return None

    def offer(self, drawn: Drawn, label: str, file: bytes | None) -> None:
        """Takes a picture that was answered, and returns at once.

        Args:
            label: the answer.
            file: the picture's file, needed where `drawn` has no inputs.
        """
        answered = _Answered(drawn, label, file or b"" if drawn.inputs is None else b"")
        with self._lock:
            if len(self._waiting) < MOST_WAITING and self._waiting_bytes + answered.bytes <= MOST_WAITING_BYTES:
                self._waiting.append(answered)
                self._waiting_bytes += answered.bytes
                self._lock.notify()
                return
        self._drop(drawn.challenger.pair)

    def send_next(self) -> None:
        """Waits for a picture that was answered and sends its copy, unless the challenger is behind.

        Raises:
            RedisError: Redis does not answer; the copy is lost.
        """
        with self._lock:
            self._lock.wait_for(lambda: self._waiting or self._dropped)
            answered = self._waiting.popleft() if self._waiting else None
            self._waiting_bytes -= answered.bytes if answered else 0
            dropped, self._dropped = self._dropped, Counter()
        if answered:
            dropped.update(self._send(answered))
        for pair, count in dropped.items():
            self._agreements.drop(pair, count)

    def _send(self, answered: _Answered) -> Sequence[Pair]:
        """Sends a copy; returns whose was dropped, if it was."""
        challenger = answered.drawn.challenger
        if not self._copies.have_room(challenger.input_bytes):
            return [challenger.pair]
        drawn = self.prepared(answered.drawn, answered.file)
        if drawn:
            self._copies.add(_copy(drawn, answered.label))
        return []

    def _drop(self, pair: Pair) -> None:
        with self._lock:
            self._dropped[pair] += 1
            self._lock.notify()

    def _run(self) -> None:
        while True:
            try:
                self.send_next()
            except Exception as error:  # noqa: BLE001 - a copy is lost, and no more
                log.warning("a copy for the version in shadow was lost: %s", error)


def _copy(drawn: Drawn, label: str) -> Copy:
    inputs = drawn.inputs
    if inputs is None:
        raise ValueError("drawn: expected a picture as the challenger takes it, received none")
    height, width, channels = inputs.shape
    return Copy(drawn.challenger.pair, label, (height, width, channels), inputs.tobytes())
