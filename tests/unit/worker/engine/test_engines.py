"""Both engines on the same model: the same answers, whatever the batch, and a version loaded as a worker does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.preprocess_spec import PreprocessSpec
from shared.registry import Manifest, OnnxExport, Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from tests.support.toy_models import colour_model, save_model
from trainer.publishing.files import model_file, self_test_file
from trainer.publishing.onnx_file import onnx_file
from worker.engine.choose import Setting, choose_engine
from worker.loaded import load

# Keras 3.15 reads TensorFlow's variables in a way that NumPy 2 warns of.
pytestmark = [pytest.mark.tensorflow, pytest.mark.filterwarnings("ignore:__array__ implementation")]

TO = PreprocessSpec(width=24, height=24, color="rgb")
MANIFEST: Manifest = toy_manifest().model_copy(
    update={"input": TO, "onnx": OnnxExport(checked=True, pictures=8, max_difference=0)}
)


def inputs(count: int) -> Any:
    return np.random.default_rng(count).random((count, 24, 24, 3)).astype(np.float32)


@pytest.fixture(scope="module", params=["softmax", "sigmoid"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp(request.param)
    model = colour_model(request.param)
    save_model(model, made / "model.keras")
    (made / "model.onnx").write_bytes(onnx_file(model, TO))
    return made


def test_engines_agree_on_batches_of_any_size(folder: Path) -> None:
    keras, onnx = (choose_engine(name, MANIFEST).load(folder, MANIFEST) for name in ("keras", "onnx"))
    for count in (1, 2, 8, 31, 32, 33, 70):
        batch = inputs(count)
        found = onnx.predict(batch)
        assert found.shape == (count, 2)
        assert found.dtype == np.float32
        assert np.abs(found - keras.predict(batch)).max() < 1e-4
        assert np.allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("setting", ["onnx", "keras"])
def test_a_version_is_loaded_and_passes_its_self_test(setting: Setting, tmp_path: Path) -> None:
    model, registry = colour_model(), Registry(Storage(str(tmp_path)))
    pictures = np.random.default_rng(1).integers(0, 256, (4, 24, 24, 3)).astype(np.uint8)
    answers = np.asarray(model.predict_on_batch(pictures.astype(np.float32) / 255))
    files = {
        "model.keras": model_file(model),
        "model.onnx": onnx_file(model, TO),
        "selftest.npz": self_test_file(pictures, answers),
    }
    registry.publish(MANIFEST, files)
    loaded = load(registry, "pets", 1, lambda manifest: choose_engine(setting, manifest))
    assert loaded.runs_on == setting
    assert loaded.bytes > len(files[f"model.{setting}"])
    assert np.abs(loaded.predict(pictures) - answers).max() < 1e-4
