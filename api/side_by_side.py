"""Two versions of a model on the same test pictures: what one would mend and break that the other answers now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from api.common_pictures import Outcome, Pair, common_pictures
from shared.datasets import DatasetStore
from shared.errors import VersionCorrupt
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


def side_by_side(registry: Registry, datasets: DatasetStore, chosen: Manifest, served: Manifest) -> SideBySide | None:
    """Returns two versions of a model on the test pictures that they share.

    Returns:
        None if nothing is known of any picture that both were asked about.
    """
    try:
        common = common_pictures(registry, datasets, chosen, served)
    except VersionCorrupt:
        common = None
    return counted(common.pairs) if common and common.pairs else _by_gate(chosen, served)


def counted(pairs: Sequence[Pair]) -> SideBySide:
    """Counts pictures, of which there is at least one."""
    outcomes = Counter(pair.outcome for pair in pairs)
    total = len(pairs)
    return SideBySide(
        count=total,
        chosen=sum(pair.right for pair in pairs) / total,
        served=sum(pair.other_right for pair in pairs) / total,
        fixed=outcomes[Outcome.FIXED],
        broken=outcomes[Outcome.BROKEN],
        still_wrong=outcomes[Outcome.STILL_WRONG],
        classes=_changes(pairs),
    )


def _changes(pairs: Sequence[Pair]) -> list[ClassChange]:
    """Returns the classes whose recall differs, the largest loss first."""
    counts = Counter(pair.true for pair in pairs)
    mine = Counter(pair.true for pair in pairs if pair.right)
    theirs = Counter(pair.true for pair in pairs if pair.other_right)
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
