"""The test pictures that two versions of a model were both asked about, and what each said to them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.version_answers import Answer, answers_of
from shared.datasets import DatasetStore
from shared.datasets.pictures import content_hashes
from shared.errors import DatasetNotFound, DatasetVersionNotFound
from shared.registry import Manifest, Registry


class Outcome(StrEnum):
    """What became of a picture between the other version and the chosen one; what is worse comes first."""

    BROKEN = "broken"
    STILL_WRONG = "still_wrong"
    FIXED = "fixed"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture and two answers.

    Attributes:
        index: its place in the chosen version's dataset version.
        true: its class.
        said, score: the chosen version's answer.
        other_said, other_score: the other one's.
    """

    index: int
    true: str
    said: str
    score: float
    other_said: str
    other_score: float

    @property
    def right(self) -> bool:
        """Whether the chosen version is right."""
        return self.true == self.said

    @property
    def other_right(self) -> bool:
        """Whether the other one is."""
        return self.true == self.other_said

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        if self.right:
            return Outcome.RIGHT if self.other_right else Outcome.FIXED
        return Outcome.BROKEN if self.other_right else Outcome.STILL_WRONG

    @property
    def order(self) -> tuple[float, int]:
        """Sorts by what is worth a look: first where the wrong answer was the surest."""
        return -(self.other_score if self.right else self.score), self.index


@dataclass(frozen=True)
class Common:
    """What two versions were both asked about, and what is left out.

    Attributes:
        only_chosen, only_other: test pictures of one of them alone.
        relabelled: pictures whose class was another one for the other version: they were asked different things.
    """

    pairs: Sequence[Pair]
    only_chosen: int
    only_other: int
    relabelled: int


def common_pictures(registry: Registry, datasets: DatasetStore, chosen: Manifest, other: Manifest) -> Common | None:
    """Returns the pictures of the test sides of two versions, told apart by their content.

    Versions of different dataset versions share most of them: a picture stays on its side.

    Returns:
        None if it is not known what one of them said, or which pictures these were.

    Raises:
        VersionCorrupt: files of a version or of its dataset are damaged.
    """
    by_place = chosen.dataset == other.dataset
    mine, theirs = (_answers(registry, datasets, one, by_place=by_place) for one in (chosen, other))
    if mine is None or theirs is None:
        return None
    both = [(mine[key], theirs[key]) for key in mine if key in theirs]
    pairs = [
        Pair(one.index, chosen.labels[one.true], chosen.labels[one.said], one.score, other.labels[two.said], two.score)
        for one, two in both
        if chosen.labels[one.true] == other.labels[two.true]
    ]
    return Common(pairs, len(mine) - len(both), len(theirs) - len(both), len(both) - len(pairs))


def _answers(
    registry: Registry, datasets: DatasetStore, manifest: Manifest, *, by_place: bool
) -> Mapping[Hashable, Answer] | None:
    """Returns the answers by their pictures' place in the dataset version, or by the hash of their content."""
    answers = answers_of(registry, manifest)
    if answers is None or by_place:
        return None if answers is None else {one.index: one for one in answers}
    dataset = manifest.dataset
    try:
        hashes = content_hashes(datasets, dataset.name, dataset.version)
    except (DatasetNotFound, DatasetVersionNotFound):
        return None
    # A damaged file of answers may name a picture that is not there.
    return {hashes[one.index]: one for one in answers if one.index < len(hashes)}
