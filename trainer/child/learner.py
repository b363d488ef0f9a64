"""A Keras model that learns, as the loop in `trainer.child.fit` sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from shared.preprocess_spec import PreprocessSpec
from shared.recipes import Value
from shared.registry import SplitMetrics
from trainer.child.batches import Batch
from trainer.child.build import freeze, make_optimizer
from trainer.child.checkpoint import Arrays
from trainer.child.phases import Phase
from trainer.child.step import Step
from trainer.evaluation.pictures import LabelledPictures
from trainer.evaluation.predict import predictor
from trainer.evaluation.scores import side_score


class KerasLearner:
    """The one there is.

    Args:
        to: how the model's input is made.
        advanced: called after each batch of a validation; may raise to stop.
    """

    def __init__(
        self,
        model: Any,
        settings: Mapping[str, Value],
        pictures: LabelledPictures,
        to: PreprocessSpec,
        advanced: Callable[[], None],
    ) -> None:
        self._model = model
        self._settings = settings
        self._pictures = pictures
        self._predict = predictor(model, to, advanced)
        self._step: Step | None = None

    def begin(self, phase: Phase) -> None:
        """Freezes what the phase freezes, and makes a new optimizer and step."""
        freeze(self._model, frozen=phase.frozen)
        self._step = Step(
            self._model,
            make_optimizer(self._settings),
            label_smoothing=float(self._settings.get("label_smoothing", 0.0)),
            scaled_loss=bool(self._settings.get("mixed_precision", False)),
        )

    def learn(self, batch: Batch, learning_rate: float) -> None:
        """Takes one step."""
        self._begun(batch, learning_rate)

    def reset(self) -> None:
        """Forgets the means, at the start of an epoch."""
        self._begun.reset()

    def means(self) -> tuple[float, float]:
        """Returns loss and accuracy over all pictures since `reset`."""
        return self._begun.means()

    def validate(self) -> SplitMetrics:
        """Returns how good it is on the validation side."""
        places = self._pictures.sides.validation
        return side_score(self._predict(self._pictures.inputs_at, places), self._pictures.targets[places])

    def weights(self) -> Arrays:
        """Returns what the model answers with."""
        return list(self._model.get_weights())

    def set_weights(self, weights: Arrays) -> None:
        """Takes weights."""
        self._model.set_weights(weights)

    def state(self) -> tuple[Arrays, Arrays]:
        """Returns every variable of the model, dropout's random states included, and of the optimizer."""
        return _values(self._model.variables), _values(self._begun.optimizer.variables)

    def set_state(self, model: Arrays, optimizer: Arrays | None) -> None:
        """Takes variables; None leaves the optimizer as it is."""
        _assign(self._model.variables, model)
        if optimizer is not None:
            _assign(self._begun.optimizer.variables, optimizer)

    @property
    def _begun(self) -> Step:
        if self._step is None:
            raise RuntimeError("A phase has to begin before anything is learned.")
        return self._step


def _values(variables: list[Any]) -> Arrays:
    return [np.asarray(variable.numpy()) for variable in variables]


def _assign(variables: list[Any], values: Arrays) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
