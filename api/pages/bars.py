"""Horizontal bars: a class and its share, drawn as SVG because a page carries no inline styles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.pages.format import number
from shared.jobs.model import Json
from shared.registry import ClassMetrics
from shared.shares import percent

# More bars than this are a list to read, not a picture to see.
MOST_BARS = 12


@dataclass(frozen=True)
class Bar:
    """A labelled bar.

    Attributes:
        width: in percent of the track, 0 to 100.
        text: the number beside it.
        kind: the name of its style: good, unsure, failed or empty.
        href: where the label leads, if anywhere.
    """

    label: str
    width: float
    text: str
    kind: str = "good"
    href: str = ""


def score_bars(predictions: Sequence[Json], *, unsure: bool) -> list[Bar]:
    """Returns a bar per class of an answer, best first; the best of an unsure answer looks unsure."""
    kinds = ["unsure" if unsure else "good", *["good"] * len(predictions)]
    return [
        Bar(str(one["label"]), round(one["score"] * 100, 2), percent(one["score"]), kind)
        for one, kind in zip(predictions, kinds, strict=False)
    ]


def empty_bars(labels: Sequence[str], most: int) -> list[Bar]:
    """Returns the bars of an answer that is still to come: they hold its place."""
    return [Bar(label, 0.0, "–", "empty") for label in labels[:most]]


def count_bars(counts: Mapping[str, int], labels: Sequence[str], href: Callable[[str], str]) -> list[Bar]:
    """Returns a bar per label of a list, as shares of all.

    Few labels stand in the model's order from the start, so that none of them moves while the list runs; of many
    there are the most frequent ones.

    Args:
        labels: of the list's model.
        href: where a label leads.
    """
    total = sum(counts.values()) or 1
    known = dict.fromkeys(labels, 0) if len(labels) <= MOST_BARS else {}
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_BARS]
    return [
        Bar(label, round(count / total * 100, 2), number(count), href=href(label) if count else "")
        for label, count in (known | dict(ordered)).items()
    ]


def recall_bars(classes: Iterable[ClassMetrics]) -> list[Bar]:
    """Returns a bar per class of a model: the share of its test pictures that was recognised."""
    return [Bar(one.label, round(one.recall * 100, 2), percent(one.recall)) for one in classes]
