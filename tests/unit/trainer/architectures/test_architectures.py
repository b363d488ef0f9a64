"""Each architecture: one step on toy data, saved, loaded in safe mode, exported: same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from shared.errors import TrainingFailed
from shared.preprocess_spec import PreprocessSpec
from shared.recipes import recipe, recipe_names
from trainer.architectures.architecture import architectures
from trainer.publishing.onnx_file import onnx_file

pytestmark = [
    pytest.mark.tensorflow,
    # Keras 3.15 saves its variables in a way that NumPy 2 will one day not take.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

ROOT = Path(__file__).parents[4]
# Small ones; those that are not listed are taken with their defaults.
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("conv_dense", {"filters": [4, 4], "dense": 8}),
    ("mobilenet_v2", {}),
    ("residual", {"filters": [4, 8], "blocks": 2}),
    ("small_cnn", {}),
    ("small_cnn", {"contrast": True}),
    ("two_blocks", {"filters": [4, 8], "dense": 8}),
]
# By their files: importing them would bring TensorFlow into every run of any test.
NAMES = {path.stem for path in Path(ROOT, "trainer", "architectures").glob("*.py")} - {"architecture"}
OPTIONS += [(name, {}) for name in sorted(NAMES - {listed for listed, _ in OPTIONS})]
# The large one takes most of a minute, and tests of its recipe train it too.
LEARNING = [(*option, labels) for option in OPTIONS for labels in (1, 3) if (option[0], labels) != ("mobilenet_v2", 1)]
SIDE = 32


@pytest.mark.parametrize(("name", "options", "labels"), LEARNING)
def test_an_architecture_learns_is_saved_and_answers_the_same(
    name: str, options: dict[str, Any], labels: int, tmp_path: Path
) -> None:
    import keras

    keras.utils.set_random_seed(0)
    model = architectures.get(name)((SIDE, SIDE, 3), labels, **options)
    loss = "binary_crossentropy" if labels == 1 else "sparse_categorical_crossentropy"
    # A graph of a large network takes half a minute to make, for the one step that is taken here.
    model.compile("adam", loss=loss, run_eagerly=True)
    rng = np.random.default_rng(0)
    inputs = rng.random((8, SIDE, SIDE, 3)).astype(np.float32)
    weights = model.get_weights()
    model.train_on_batch(inputs, rng.integers(0, max(2, labels), 8))
    assert any(not np.array_equal(old, new) for old, new in zip(weights, model.get_weights(), strict=True))
    after = model.predict_on_batch(inputs)
    assert after.shape == (8, labels)
    assert after.min() >= 0
    assert after.max() <= 1
    if labels > 1:
        assert np.allclose(after.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert np.allclose(loaded(inputs, training=False), after, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_an_architecture_answers_the_same_in_onnx_runtime(name: str, options: dict[str, Any]) -> None:
    import keras
    import onnxruntime

    keras.utils.set_random_seed(0)
    model = architectures.get(name)((SIDE, SIDE, 3), 3, **options)
    data = onnx_file(model, PreprocessSpec(width=SIDE, height=SIDE, color="rgb"))
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    inputs = np.random.default_rng(0).random((8, SIDE, SIDE, 3)).astype(np.float32)
    for batch in (inputs, inputs[:1]):
        assert np.allclose(session.run(None, {"image": batch})[0], model(batch, training=False), atol=1e-5)


def test_every_architecture_is_named_like_its_file() -> None:
    assert set(architectures.names()) == NAMES


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_names_an_architecture_there_is(name: str) -> None:
    assert recipe(name).architecture in architectures.names()


def test_with_contrast_only_the_shape_of_two_colors_matters() -> None:
    model = architectures.get("small_cnn")((16, 16, 3), 4, contrast=True)
    mask = np.zeros((16, 16, 1), np.float32)
    mask[3:9, 4:11] = 1
    ones = np.array([[0, 0, 0], [0.9, 0.2, 0.4], [1, 0, 0]], np.float32)[:, None, None, :]
    others = np.array([[1, 1, 1], [0.9, 0.25, 0.4], [0, 0.3, 1]], np.float32)[:, None, None, :]
    pictures = ones + mask * (others - ones)
    answers = np.asarray(model(pictures, training=False))
    assert np.allclose(answers, answers[0], atol=1e-2)


def test_the_published_network_has_its_published_size() -> None:
    # Conv 32 and pool twice, dense 128, one sigmoid, at 64 x 64 in colour: as Keras's summary of the project says.
    assert architectures.get("conv_dense")((64, 64, 3), 1).count_params() == 813_217


def test_weights_that_lie_elsewhere_are_refused_before_keras_follows(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file.create_dataset("Conv1/Conv1/kernel:0", (4,), "u1", external=[("/etc/passwd", 0, 4)])
    with pytest.raises(TrainingFailed, match="numbers of another file"):
        architectures.get("mobilenet_v2")((SIDE, SIDE, 3), 2, weights=str(tmp_path / "net.h5"))


def test_weights_of_another_network_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "other.h5").write_bytes(b"not HDF5")
    with pytest.raises(TrainingFailed, match=r"params\.weights: expected the weights of MobileNetV2 .* other\.h5"):
        architectures.get("mobilenet_v2")((SIDE, SIDE, 3), 2, weights=str(tmp_path / "other.h5"))
