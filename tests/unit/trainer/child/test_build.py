"""The model of a recipe, and what is made of it for serving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared.preprocess_spec import PreprocessSpec
from trainer.architectures.architecture import architectures
from trainer.publishing.onnx_file import onnx_file

pytestmark = [
    pytest.mark.tensorflow,
    # Keras 3.15 saves its variables in a way that NumPy 2 will one day not take.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SIDE = 16


@pytest.mark.parametrize("labels", [1, 3])
def test_a_mirrored_model_answers_the_mean_over_a_picture_and_its_mirror_image(labels: int, tmp_path: Path) -> None:
    import keras
    import onnxruntime

    from trainer.child.build import mirrored

    keras.utils.set_random_seed(0)
    model = architectures.get("conv_dense")((SIDE, SIDE, 3), labels, filters=[4], dense=8)
    both = mirrored(model)
    pictures = np.random.default_rng(0).random((8, SIDE, SIDE, 3)).astype(np.float32)
    swapped = pictures[:, :, ::-1]
    one, other = model.predict_on_batch(pictures), model.predict_on_batch(swapped)
    assert not np.allclose(one, other, atol=1e-3)
    mean = (one + other) / 2
    assert np.allclose(both.predict_on_batch(pictures), mean, atol=1e-6)
    assert np.allclose(both.predict_on_batch(swapped), mean, atol=1e-6)
    both.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert np.allclose(loaded.predict_on_batch(pictures), mean, atol=1e-6)
    data = onnx_file(both, PreprocessSpec(width=SIDE, height=SIDE, color="rgb"))
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    assert np.allclose(session.run(None, {"image": pictures})[0], mean, atol=1e-5)
