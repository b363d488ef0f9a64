"""Batch norm as one operation learns what Keras's own layer learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shared.recipes import recipe

pytestmark = pytest.mark.tensorflow


# In 16 bits Keras computes this layer in 32; the fused operation keeps its sums in 32.
@pytest.mark.parametrize(("policy", "off"), [("float32", 1e-4), ("mixed_float16", 2e-2)])
@pytest.mark.parametrize("shape", [(6, 5, 4), (4,)])
def test_a_step_of_the_fused_layer_is_one_of_keras_s(shape: tuple[int, ...], policy: str, off: float) -> None:
    import keras
    import tensorflow as tf

    from trainer.batch_norm import MOMENTUM, FusedBatchNormalization

    rng = np.random.default_rng(0)
    inputs = rng.normal(2.0, 3.0, (8, *shape)).astype(np.float32)
    factors = rng.normal(size=inputs.shape).astype(np.float32)

    def learned(layer: Any) -> list[Any]:
        """Returns the output, all gradients, and the variables after the step."""
        layer.build(inputs.shape)
        layer.gamma.assign([0.5, 1.0, 1.5, 2.0])
        layer.beta.assign([-1.0, 0.0, 1.0, 2.0])
        given = tf.constant(inputs)
        with tf.GradientTape() as tape:
            tape.watch(given)
            output = layer(given, training=True)
            total = tf.reduce_sum(tf.cast(output, tf.float32) * factors)
        slopes = tape.gradient(total, [given, layer.gamma.value, layer.beta.value])
        return [output, *slopes, *layer.get_weights(), layer(given, training=False)]

    expected = learned(keras.layers.BatchNormalization(momentum=MOMENTUM, dtype=policy))
    found = learned(FusedBatchNormalization(momentum=MOMENTUM, dtype=policy))
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, rtol=off, atol=off)


@pytest.mark.parametrize("name", ["modern", "shapes"])
def test_the_model_that_learns_has_the_weights_of_the_one_that_is_published(name: str) -> None:
    from trainer.child.build import build

    asked = recipe(name)
    settings = asked.settings({})
    pupil, model = build(asked, settings, 3, learning=True), build(asked, settings, 3)
    model.set_weights(pupil.get_weights())
    pictures = np.random.default_rng(0).random((4, *model.input_shape[1:]), np.float32)
    np.testing.assert_allclose(pupil.predict_on_batch(pictures), model.predict_on_batch(pictures), atol=1e-6)
    assert {layer.__class__.__module__.partition(".")[0] for layer in model.layers} == {"keras"}
    assert "FusedBatchNormalization" in {layer.__class__.__name__ for layer in pupil.layers}
