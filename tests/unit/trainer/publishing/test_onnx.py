"""The ONNX export: the same answers as Keras gives, or no export and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shared.preprocess_spec import PreprocessSpec
from tests.support.evaluations import toy_pictures
from tests.support.toy_models import colour_model
from trainer.evaluation.evaluate import Evaluation, evaluate_test
from trainer.evaluation.pictures import LabelledPictures
from trainer.evaluation.predict import predictor
from trainer.publishing import onnx_export
from trainer.publishing.onnx_export import Exported, export
from trainer.publishing.onnx_file import ExportFailed, onnx_file

# Keras 3.15 reads TensorFlow's variables in a way that NumPy 2 warns of.
pytestmark = [pytest.mark.tensorflow, pytest.mark.filterwarnings("ignore:__array__ implementation")]

TO = PreprocessSpec(width=24, height=24, color="rgb")


def pictures() -> LabelledPictures:
    noise = np.random.default_rng(2).integers(0, 256, (60, 24, 24, 3)).astype(np.uint8)
    return replace(toy_pictures(labels=("cat", "dog"), side=24), inputs_at=noise.__getitem__)


def evaluated(model: Any) -> Evaluation:
    return evaluate_test(predictor(model, TO), pictures())


def exported(model: Any, evaluation: Evaluation | None = None, advanced: Callable[[], None] = lambda: None) -> Exported:
    return export(model, TO, pictures(), evaluation or evaluated(model), advanced)


@pytest.mark.parametrize("head", ["softmax", "sigmoid"])
def test_an_export_that_answers_as_keras_is_a_file_of_the_version(head: str) -> None:
    found = exported(colour_model(head))
    assert set(found.files) == {"model.onnx"}
    assert found.record.checked
    assert found.record.pictures == 15
    assert found.record.max_difference is not None
    assert found.record.max_difference <= 1e-4


def test_the_same_weights_give_the_same_bytes() -> None:
    first = onnx_file(colour_model(), TO)
    onnx_file(colour_model("sigmoid"), TO)
    assert onnx_file(colour_model(), TO) == first


def test_a_batch_norm_and_a_dropout_are_what_they_are_when_serving() -> None:
    import keras
    from keras import layers

    inputs = keras.Input((24, 24, 3))
    features = layers.BatchNormalization()(layers.Conv2D(4, 3, strides=2)(layers.Dropout(0.5)(inputs)))
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Flatten()(features)))
    assert exported(model).record.checked


def test_a_layer_that_onnx_does_not_know_leaves_the_version_without_export() -> None:
    import keras

    inputs = keras.Input((24, 24, 3))
    made = keras.ops.linalg.qr(keras.ops.mean(inputs, axis=3))[1][:, :2, 0]
    found = exported(keras.Model(inputs, keras.ops.softmax(made)))
    assert (found.record.checked, found.files) == (False, {})
    assert "Qr" in str(found.record.reason)


def test_another_answer_than_keras_s_leaves_the_version_without_export() -> None:
    model = colour_model()
    evaluation = evaluated(model)
    evaluation.answers[3] = [1, 0] if evaluation.answers[3, 0] < 0.5 else [0, 1]
    found = exported(model, evaluation)
    assert (found.record.checked, found.files) == (False, {})
    assert "differs from Keras's by 0." in str(found.record.reason)


@pytest.mark.parametrize(("margin", "same"), [(0.5e-4, True), (1.5e-4, False)])
def test_the_other_class_is_an_answer_only_where_the_best_two_are_close(margin: float, same: bool) -> None:
    expected = np.array([[0.5 + margin / 2, 0.5 - margin / 2]], np.float32)
    if same:
        assert onnx_export._difference(expected[:, ::-1], expected) == pytest.approx(margin, rel=1e-2)
        return
    with pytest.raises(ExportFailed):
        onnx_export._difference(expected[:, ::-1], expected)


def test_what_is_no_number_is_no_answer() -> None:
    with pytest.raises(ExportFailed, match="nan"):
        onnx_export._difference(np.full((1, 2), np.nan, np.float32), np.full((1, 2), 0.5, np.float32))


def test_of_many_pictures_some_from_all_over_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "MOST_PICTURES", 4)
    assert exported(colour_model()).record.pictures == 4


def test_a_model_that_no_file_can_hold_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.publishing.onnx_file.MOST_BYTES", 31)
    with pytest.raises(ExportFailed, match="32 bytes"):
        onnx_file(colour_model(), TO)


def test_being_told_to_stop_ends_the_check() -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    model = colour_model()
    evaluation = evaluated(model)
    with pytest.raises(KeyboardInterrupt):
        exported(model, evaluation, stopped)
