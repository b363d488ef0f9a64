"""The micro-batcher: together what waits, one at a time, each its own answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.launched import wait_until
from worker.batcher import Batcher
from worker.engine.base import BATCH_SIZES
from worker.loaded import LoadedModel

MOST = BATCH_SIZES[-1]


class Slow:
    """A model that answers with what it is given, once it may, and notes how much it was given at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.may = Event()
        self._alone = Lock()

    def predict(self, inputs: NDArray[Any]) -> NDArray[Any]:
        assert self._alone.acquire(blocking=False), "two threads at once"
        try:
            self.sizes.append(len(inputs))
            assert self.may.wait(5)
            if inputs.max() == 255:
                raise ValueError("a broken model")
            return inputs[:, 0, 0].astype(np.float32)
        finally:
            self._alone.release()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2 * MOST) as pool:
        yield pool


def ask(batcher: Batcher, model: Slow, value: int) -> float:
    inputs = np.full((2, 2, 1), value, np.uint8)
    return float(batcher.predict(cast(LoadedModel, model), inputs)[0])


def test_what_comes_meanwhile_is_predicted_together(threads: ThreadPoolExecutor) -> None:
    batcher, model = Batcher(), Slow()
    first = threads.submit(ask, batcher, model, 0)
    wait_until(lambda: model.sizes == [1], 2, "the first is predicted")
    others = [threads.submit(ask, batcher, model, value) for value in range(1, MOST + 3)]
    wait_until(lambda: len(batcher._waiting) == len(others), 2, "the others wait")
    model.may.set()
    assert [each.result() for each in (first, *others)] == list(range(MOST + 3))
    assert model.sizes == [1, MOST, 2]


def test_each_model_has_a_batch_of_its_own(threads: ThreadPoolExecutor) -> None:
    batcher, one, other = Batcher(), Slow(), Slow()
    first = threads.submit(ask, batcher, one, 0)
    wait_until(lambda: one.sizes == [1], 2, "the first is predicted")
    others = [threads.submit(ask, batcher, model, value) for value, model in enumerate((one, other, one), 1)]
    wait_until(lambda: len(batcher._waiting) == 3, 2, "the others wait")
    one.may.set()
    other.may.set()
    assert [each.result() for each in (first, *others)] == [0, 1, 2, 3]
    assert (one.sizes, other.sizes) == ([1, 2], [1])


def test_what_a_model_raises_reaches_all_of_its_batch_and_nobody_else(threads: ThreadPoolExecutor) -> None:
    batcher, model = Batcher(), Slow()
    first = threads.submit(ask, batcher, model, 1)
    wait_until(lambda: model.sizes == [1], 2, "the first is predicted")
    others = [threads.submit(ask, batcher, model, value) for value in (255, 2)]
    wait_until(lambda: len(batcher._waiting) == 2, 2, "the others wait")
    model.may.set()
    assert first.result() == 1
    for each in others:
        with pytest.raises(ValueError, match="a broken model"):
            each.result()
    assert ask(batcher, model, 3) == 3
