"""Each architecture: one step on toy data, saved, loaded in safe mode, same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.architectures.architecture import architectures

pytestmark = pytest.mark.tensorflow

OPTIONS: list[tuple[str, dict[str, Any]]] = [("small_cnn", {}), ("small_cnn", {"contrast": True})]


# Keras 3.15 saves its variables in a way that NumPy 2 will one day not take.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("labels", [2, 5])
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_an_architecture_learns_is_saved_and_answers_the_same(
    name: str, options: dict[str, Any], labels: int, tmp_path: Path
) -> None:
    import keras

    keras.utils.set_random_seed(0)
    model = architectures.get(name)((16, 16, 3), labels, **options)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    inputs = rng.random((8, 16, 16, 3)).astype(np.float32)
    before = model.predict_on_batch(inputs)
    model.train_on_batch(inputs, rng.integers(0, labels, 8))
    after = model.predict_on_batch(inputs)
    assert not np.allclose(before, after)
    assert after.shape == (8, labels)
    assert np.allclose(after.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert np.allclose(loaded.predict_on_batch(inputs), after, atol=1e-6)


def test_every_architecture_is_tested() -> None:
    assert architectures.names() == sorted({name for name, _ in OPTIONS})


def test_with_contrast_only_the_shape_of_two_colors_matters() -> None:
    model = architectures.get("small_cnn")((16, 16, 3), 4, contrast=True)
    mask = np.zeros((16, 16, 1), np.float32)
    mask[3:9, 4:11] = 1
    ones = np.array([[0, 0, 0], [0.9, 0.2, 0.4], [1, 0, 0]], np.float32)[:, None, None, :]
    others = np.array([[1, 1, 1], [0.9, 0.25, 0.4], [0, 0.3, 1]], np.float32)[:, None, None, :]
    pictures = ones + mask * (others - ones)
    answers = model.predict_on_batch(pictures)
    assert np.allclose(answers, answers[0], atol=1e-2)
