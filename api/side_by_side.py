"""Two versions of a model on the same test pictures: what one would mend and break that the other answers now."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from api.version_answers import answers_of
from shared.datasets import DatasetStore
from shared.datasets.layout import ITEMS
from shared.errors import DatasetNotFound, DatasetVersionNotFound, VersionCorrupt
from shared.registry import Manifest, Registry


@dataclass(frozen=True)
class ClassChange:
    """A class of `count` pictures, of which each version found a share (its recall)."""

    label: str
    count: int
    chosen: float
    served: float

    @property
    def gain(self) -> float:
        """How much more of it the chosen version found."""
        return self.chosen - self.served


@dataclass(frozen=True)
class SideBySide:
    """The chosen version beside the served one, on `count` pictures that both were tested on.

    Attributes:
        chosen, served: the share that each got right.
        fixed, broken, still_wrong: pictures that only the chosen one, only the served one, and neither got right; None
            where the shares alone are known, from the gate.
        classes: those that change, the largest loss first.
    """

    count: int
    chosen: float
    served: float
    fixed: int | None = None
    broken: int | None = None
    still_wrong: int | None = None
    classes: Sequence[ClassChange] = ()

    @property
    def gain(self) -> float:
        """How much more often the chosen version is right."""
        return self.chosen - self.served


# What is true of a picture, and what a version said.
Pair = tuple[str, str]


def side_by_side(registry: Registry, datasets: DatasetStore, chosen: Manifest, served: Manifest) -> SideBySide | None:
    """Returns two versions of a model on the test pictures that they share.

    Versions of different dataset versions share most of them: a picture stays on its side.

    Returns:
        None if nothing is known of any picture that both were asked about.
    """
    try:
        found = _by_picture(registry, datasets, chosen, served)
    except VersionCorrupt:
        found = None
    return found or _by_gate(chosen, served)


def _by_picture(registry: Registry, datasets: DatasetStore, chosen: Manifest, served: Manifest) -> SideBySide | None:
    by_place = chosen.dataset == served.dataset
    mine, theirs = (_answers(registry, datasets, one, by_place=by_place) for one in (chosen, served))
    # Of a picture whose class was corrected in between they were asked different things.
    shared = [(mine[key], theirs[key]) for key in mine if key in theirs and mine[key][0] == theirs[key][0]]
    return _counted(shared) if shared else None


def _answers(registry: Registry, datasets: DatasetStore, manifest: Manifest, *, by_place: bool) -> dict[Hashable, Pair]:
    """Returns each test picture's class and answer, by its place in the dataset version, or by its content's hash."""
    answers = answers_of(registry, manifest) or []
    keys: Sequence[Hashable] = [one.index for one in answers]
    if not by_place:
        try:
            lines = datasets.file(manifest.dataset.name, manifest.dataset.version, ITEMS).split(b"\n")
        except (DatasetNotFound, DatasetVersionNotFound):
            return {}
        keys = [json.loads(lines[one.index])["sha256"] for one in answers]
    labels = manifest.labels
    return {key: (labels[one.true], labels[one.said]) for key, one in zip(keys, answers, strict=True)}


def _counted(shared: Sequence[tuple[Pair, Pair]]) -> SideBySide:
    """Counts pictures, of each of which both versions' answers are given, the chosen one's first."""
    rights = [(true == said, true == other) for (true, said), (_, other) in shared]
    outcomes = Counter(rights)
    total = len(shared)
    return SideBySide(
        count=total,
        chosen=sum(mine for mine, _ in rights) / total,
        served=sum(theirs for _, theirs in rights) / total,
        fixed=outcomes[True, False],
        broken=outcomes[False, True],
        still_wrong=outcomes[False, False],
        classes=_changes([(mine[0], *right) for (mine, _), right in zip(shared, rights, strict=True)]),
    )


def _changes(rows: Sequence[tuple[str, bool, bool]]) -> list[ClassChange]:
    """Returns the classes whose recall differs; of each picture its class and who was right is given."""
    counts = Counter(label for label, _, _ in rows)
    mine = Counter(label for label, right, _ in rows if right)
    theirs = Counter(label for label, _, right in rows if right)
    found = [ClassChange(label, n, mine[label] / n, theirs[label] / n) for label, n in counts.items()]
    return sorted((one for one in found if one.gain), key=lambda one: one.gain)


def _by_gate(chosen: Manifest, served: Manifest) -> SideBySide | None:
    """Returns what the gate of either version found when it compared the two."""
    gate, other = chosen.gate, served.gate
    if gate and gate.champion == served.version and gate.champion_accuracy is not None:
        return SideBySide(gate.count, gate.accuracy, gate.champion_accuracy)
    if other and other.champion == chosen.version and other.champion_accuracy is not None:
        return SideBySide(other.count, other.champion_accuracy, other.accuracy)
    return None
