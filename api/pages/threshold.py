"""The part of a version's page that asks how sure it must be: a slider, a chart and a table of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.pages.chart import Line, apart
from api.pages.inputs import natural
from api.pages.scale import Tick
from api.pages.tested_query import pictures_href
from api.services import services
from api.thresholds import AtThreshold, Thresholds
from api.version_answers import Answer, answers_of
from shared.errors import VersionCorrupt
from shared.registry import Manifest
from shared.shares import cut, percent

# In percent, as the slider sends them. 60 is what the classify form begins with.
SURE_FROM = 60
ROWS = (0, 50, 60, 70, 80, 90, 95, 99)
TICKS = (0, 25, 50, 75, 100)
# Of more classes no list to choose from is made.
MOST_CLASSES = 200
NAMES = ("precision", "coverage", "recall")


@dataclass(frozen=True)
class Row:
    """A threshold of the table; `href` chooses it."""

    at: AtThreshold
    href: str
    chosen: bool


@dataclass(frozen=True)
class ThresholdPart:
    """What is shown.

    Attributes:
        percent: where the slider stands.
        label: the chosen class; empty for all.
        labels: classes to choose from.
        wrong_href: the pictures with an answer that counts, wrong ones first; of a class, those that were called it.
        left_href: the pictures that are left to somebody else.
        dots: (style, x, y) of each line at the slider, in percent of the plot.
        text: the chart for those who do not see it.
    """

    percent: int
    label: str
    labels: Sequence[str]
    now: AtThreshold
    wrong_href: str
    left_href: str
    rows: Sequence[Row]
    ticks: Sequence[Tick]
    lines: Sequence[Line]
    dots: Sequence[tuple[str, float, float]]
    text: str


def threshold_part(manifest: Manifest, asked: Mapping[str, str]) -> ThresholdPart | None:
    """Returns the part as the query `sure` (in percent) and `of` (a class) ask for it; what is neither is the default.

    Returns:
        None where the answer to each picture was not kept, or cannot be read.
    """
    answers = _answers(manifest)
    if not answers:
        return None
    label = asked.get("of", "") if asked.get("of") in manifest.labels else ""
    chosen = _percent(asked.get("sure", ""))
    of = Thresholds(answers, manifest.labels.index(label) if label else None)
    now = of.at(chosen / 100)
    curves = {name: _values(of, name) for name in NAMES}
    return ThresholdPart(
        percent=chosen,
        label=label,
        labels=manifest.labels if len(manifest.labels) <= MOST_CLASSES else [],
        now=now,
        wrong_href=pictures_href(manifest, said=label, least=now.threshold),
        left_href=pictures_href(manifest, true=label, below=now.threshold),
        rows=[Row(of.at(sure / 100), _href(manifest, sure, label), sure == chosen) for sure in ROWS],
        ticks=[Tick(at, cut(at / 100)) for at in TICKS],
        lines=apart([_line(name, values) for name, values in curves.items()]),
        dots=[(name, chosen, _down(values[chosen])) for name, values in curves.items() if chosen in values],
        text="; ".join(f"{name} {_shown(values, chosen)}" for name, values in curves.items()),
    )


def _answers(manifest: Manifest) -> list[Answer] | None:
    try:
        return answers_of(services().registry, manifest)
    except VersionCorrupt:
        # The page says what is known all the same; the damage is said where the file is asked for.
        return None


def _percent(text: str) -> int:
    found = natural(text, most_digits=3)
    return SURE_FROM if found is None else min(found, 100)


def _href(manifest: Manifest, sure: int, label: str) -> str:
    query = urlencode({"sure": sure} | ({"of": label} if label else {}))
    return f"/models/{manifest.name}/{manifest.version}?{query}#sure"


def _values(of: Thresholds, name: str) -> dict[int, float]:
    """Returns a measure by the threshold in percent, where there is one."""
    found = {sure: getattr(of.at(sure / 100), name) for sure in range(101)}
    return {sure: value for sure, value in found.items() if value is not None}


def _line(name: str, values: Mapping[int, float]) -> Line:
    places = [(float(sure), _down(value)) for sure, value in values.items()] or [(0.0, 100.0)]
    points = " ".join(f"{x * 10:.0f},{y * 10:.0f}" for x, y in places)
    return Line(kind=name, name=name, points=points, dots=(places[-1],), label_at=places[-1][1])


def _down(share: float) -> float:
    return round((1 - share) * 100, 2)


def _shown(values: Mapping[int, float], chosen: int) -> str:
    return f"{percent(values[chosen])} from {chosen} %" if chosen in values else f"none from {chosen} %"
