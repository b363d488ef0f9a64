"""How good a version is, as its manifest says it."""

from __future__ import annotations

from shared.registry.record import Record, Share


class SplitMetrics(Record):
    """How the model does on one side of the split: share of right answers, mean cross-entropy, pictures counted."""

    accuracy: Share
    loss: float
    count: int


class Metrics(Record):
    """The three sides. Only `test` was neither trained on nor used to choose the weights.

    A model trained elsewhere has the test side alone: which pictures it learned from is not known.
    """

    train: SplitMetrics | None = None
    validation: SplitMetrics | None = None
    test: SplitMetrics


class ClassMetrics(Record):
    """One class on the test side; `support` is how many test pictures it has."""

    label: str
    precision: Share
    recall: Share
    f1: Share
    support: int


class CalibrationBin(Record):
    """The answers whose score lies in (lower, upper]: how sure they are on average, and how often right.

    Attributes:
        confidence, accuracy: None in an empty bin.
    """

    lower: Share
    upper: Share
    count: int
    confidence: Share | None
    accuracy: Share | None


class Mistake(Record):
    """A wrong answer on the test side.

    Attributes:
        index: the picture's place in the dataset version.
        true, said: its class, and the class it was taken for.
        score: the probability that the model gave its answer.
    """

    index: int
    true: str
    said: str
    score: Share
