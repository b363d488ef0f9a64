"""The built-in recipe at its defaults: good on its own test side, and on shapes that our code did not draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.imaging import decode, scale, to_input
from shared.imaging.opencv import cv2
from shared.registry import Manifest, Registry
from shared.settings import Settings
from shared.storage import Storage
from tests.support.plain_shapes import LABELS, plain_shape
from trainer.importing.run import run_import
from trainer.importing.spec import ImportSpec
from trainer.training import TrainingSpec, run_training
from trainer.training.spec import DatasetVersionRef

pytestmark = pytest.mark.tensorflow


class Trained:
    """The recipe's model, loaded as a worker would load it."""

    def __init__(self, registry: Registry) -> None:
        import keras

        self.manifest: Manifest = registry.verify("shapes", 1)
        self.folder = registry.local_folder("shapes", 1)
        self._model: Any = keras.saving.load_model(self.folder / "model.keras", compile=False, safe_mode=True)

    def answers(self, inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(self._model.predict_on_batch(scale(inputs, self.manifest.input)))

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
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder: Path = tmp_path_factory.mktemp("loupe")
    settings = Settings(data_dir=folder)
    source = {"type": "generated", "name": "shapes", "count": 2000}
    asked = ImportSpec.of(settings, job_id="an import", name="shapes", source=source)
    imported = run_import(asked, on_event=lambda _: None, wish=lambda: "")
    spec = TrainingSpec(
        job_id="a training",
        model="shapes",
        version=1,
        recipe="shapes",
        dataset=DatasetVersionRef(**imported["dataset"]),
        storage_url=settings.storage_url,
        cache_dir=folder / "cache",
        import_dir=folder / "import",
    )
    run_training(spec, on_event=lambda _: None, wish=lambda: "")
    return Trained(Registry(Storage(settings.storage_url)))


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
