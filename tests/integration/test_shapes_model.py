"""The model that a new user gets: good on its own test side, and on shapes that our code did not draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.imaging import decode, scale, to_input
from shared.imaging.opencv import cv2
from shared.registry import Manifest, Registry
from shared.storage import Storage
from tests.support.loupe import RunningLoupe
from tests.support.plain_shapes import LABELS, plain_shape

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow]


class Trained:
    """The recipe's model, loaded as a worker would load it."""

    def __init__(self, registry: Registry) -> None:
        import keras

        self.manifest: Manifest = registry.verify("shapes", 1)
        self.folder = registry.local_folder("shapes", 1)
        self._model: Any = keras.saving.load_model(self.folder / "model.keras", compile=False, safe_mode=True)

    def answers(self, inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(self._model(scale(inputs, self.manifest.input), training=False))

    def share_right(self, *, faint: bool, count: int = 400) -> float:
        """Returns how many of so many plain PNGs are recognised, as a share."""
        rng = np.random.default_rng(2026)
        pictures = [plain_shape(LABELS[index % 4], rng, faint=faint) for index in range(count)]
        inputs = np.stack([to_input(decode(png(one), max_pixels=10**6), self.manifest.input) for one in pictures])
        labels = np.array([LABELS.index(label) for label in self.manifest.labels])
        return float((labels[self.answers(inputs).argmax(axis=1)] == np.arange(count) % 4).mean())


def png(picture: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", picture[:, :, ::-1])[1].tobytes())


@pytest.fixture(scope="module")
def trained(loupe: RunningLoupe) -> Trained:
    """What the first start trained."""
    return Trained(Registry(Storage(str(loupe.data_dir / "storage"))))


def test_the_test_side_is_recognised(trained: Trained) -> None:
    assert trained.manifest.metrics.test.count == 400
    assert trained.manifest.metrics.test.accuracy >= 0.97
    assert trained.manifest.fit == "good"


def test_the_self_test_holds_for_the_saved_model(trained: Trained) -> None:
    with np.load(trained.folder / "selftest.npz") as stored:
        assert np.abs(trained.answers(stored["inputs"]) - stored["probabilities"]).max() < 1e-4


@pytest.mark.parametrize("faint", [False, True])
def test_shapes_drawn_by_somebody_else_are_recognised(trained: Trained, faint: bool) -> None:
    assert trained.share_right(faint=faint) >= 0.98


def test_there_are_two_samples_of_each_class(trained: Trained) -> None:
    assert [sample.label for sample in trained.manifest.samples] == [name for name in LABELS for _ in range(2)]
