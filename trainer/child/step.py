"""One training step as one compiled function. Sums are kept inside it, so that nothing is fetched at each step."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from trainer.child.batches import Batch


class Step:
    """Learns from batches.

    Args:
        model: answers probabilities (n, labels), or (n, 1) for two classes.
        optimizer: a new one; it is built for what of the model is trainable now.
        label_smoothing: share of the certainty that is spread over all classes.
        scaled_loss: whether the loss is scaled, as 16 bits need it.
    """

    def __init__(self, model: Any, optimizer: Any, *, label_smoothing: float, scaled_loss: bool) -> None:
        self._model = model
        self._rate = optimizer.learning_rate
        self.optimizer = keras.optimizers.LossScaleOptimizer(optimizer) if scaled_loss else optimizer
        self.optimizer.build(model.trainable_variables)
        self._scaled = scaled_loss
        self._outputs = int(model.output_shape[-1])
        losses = keras.losses
        loss = losses.BinaryCrossentropy if self._outputs == 1 else losses.CategoricalCrossentropy
        self._loss = loss(label_smoothing=label_smoothing, reduction=None)
        # Sum of the losses, right answers, pictures.
        self._sums = tf.Variable(tf.zeros(3, tf.float64), trainable=False)
        shape = (None, *model.input_shape[1:])
        self._run = tf.function(
            self._step,
            # A batch size left open is traced once; the last batch of an epoch may be smaller.
            input_signature=[
                tf.TensorSpec(shape, tf.float32),
                tf.TensorSpec((None,), tf.int64),
                tf.TensorSpec((None,), tf.float32),
            ],
        )

    def __call__(self, batch: Batch, learning_rate: float) -> None:
        """Learns from a batch."""
        self._rate.assign(learning_rate)
        self._run(batch.inputs, batch.targets, batch.weights)

    def means(self) -> tuple[float, float]:
        """Returns the mean loss and the accuracy over all pictures since `reset`."""
        loss, right, count = self._sums.numpy().tolist()
        return loss / count, right / count

    def reset(self) -> None:
        """Begins an epoch."""
        self._sums.assign(tf.zeros(3, tf.float64))

    def _step(self, inputs: Any, targets: Any, weights: Any) -> None:
        with tf.GradientTape() as tape:
            answers = self._model(inputs, training=True)
            losses = self._loss(self._truth(targets), answers) * weights
            total = tf.reduce_mean(losses) + sum(self._model.losses)
            scaled = self.optimizer.scale_loss(total) if self._scaled else total
        variables = self._model.trainable_variables
        slopes = tape.gradient(scaled, [variable.value for variable in variables])
        self.optimizer.apply(slopes, variables)
        said = tf.cast(answers[:, 0] > 0.5, tf.int64) if self._outputs == 1 else tf.argmax(answers, axis=1)
        right = tf.reduce_sum(tf.cast(said == targets, tf.float64))
        count = tf.cast(tf.shape(targets)[0], tf.float64)
        self._sums.assign_add(tf.stack([tf.cast(tf.reduce_sum(losses), tf.float64), right, count]))

    def _truth(self, targets: Any) -> Any:
        if self._outputs == 1:
            return tf.cast(targets[:, None], tf.float32)
        return tf.one_hot(targets, self._outputs)
