"""Batch norm for training, as the one operation that TensorFlow has for it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from keras import layers

# How much of the running averages stays at each step; Keras's 0.99 is too slow for short trainings.
MOMENTUM = 0.9


class FusedBatchNormalization(layers.BatchNormalization):  # type: ignore[misc]  # Keras has no types.
    """Learns as Keras's own layer does, over the last axis, in less time: Keras computes it in several operations.

    Its variables and configuration are Keras's too, but a saved model would need this class to be loaded: a network is
    trained with it, and published without.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Returns `inputs` (n, channels) or (n, height, width, channels), each channel centred and scaled."""
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        pictures = inputs if len(inputs.shape) == 4 else inputs[:, None, None, :]
        normal, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=pictures,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.zeros(0),
            variance=tf.zeros(0),
            epsilon=self.epsilon,
            is_training=True,
        )
        count = tf.cast(tf.reduce_prod(tf.shape(pictures)[:-1]), variance.dtype)
        # It estimates the variance of all there is; Keras averages that of the batch.
        self._average(self.moving_mean, mean)
        self._average(self.moving_variance, variance * (count - 1) / count)
        return normal if len(inputs.shape) == 4 else normal[:, 0, 0, :]

    def _average(self, moving: Any, value: Any) -> None:
        moving.assign(moving * self.momentum + value * (1 - self.momentum))
