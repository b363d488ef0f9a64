"""What a threshold costs and gains: how often a version's sure answers are right, and how many pictures they leave."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from api.version_answers import Answer


@dataclass(frozen=True)
class AtThreshold:
    """What becomes of test pictures if only answers with at least this score count.

    Attributes:
        threshold: 0 to 1.
        of: pictures, all or those of one class.
        answered: those of them that get an answer that counts.
        said: answers that count and say the class, or say anything where no class was chosen.
        right: those of them that are right.
    """

    threshold: float
    of: int
    answered: int
    said: int
    right: int

    @property
    def precision(self) -> float | None:
        """How often an answer that counts is right; None where there is none."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """The share of the pictures that are recognised by an answer that counts."""
        return self.right / self.of if self.of else None

    @property
    def coverage(self) -> float | None:
        """The share of the pictures that get an answer that counts."""
        return self.answered / self.of if self.of else None

    @property
    def left(self) -> int:
        """How many pictures are left to somebody else."""
        return self.of - self.answered


class Thresholds:
    """The answers of a version, sorted so that any threshold can be asked about.

    Args:
        answers: of the whole test side.
        label: a class, by its place in the version's labels; None for all.
    """

    def __init__(self, answers: Sequence[Answer], label: int | None = None) -> None:
        of = [one for one in answers if label in (None, one.true)]
        said = [one for one in answers if label in (None, one.said)]
        self._of = sorted(one.score for one in of)
        self._said = sorted(one.score for one in said)
        self._right = sorted(one.score for one in said if one.true == one.said)

    def at(self, threshold: float) -> AtThreshold:
        """Returns what a threshold, 0 to 1, makes of the pictures."""
        return AtThreshold(
            threshold,
            of=len(self._of),
            answered=_from(self._of, threshold),
            said=_from(self._said, threshold),
            right=_from(self._right, threshold),
        )


def _from(scores: Sequence[float], threshold: float) -> int:
    """Returns how many of the rising scores are at least so high."""
    return len(scores) - bisect_left(scores, threshold)
