"""The confusion matrix as a table: every cell a count, its style by its share of the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.format import number, plural
from api.pages.tested_query import pictures_href
from shared.registry import Manifest

# A wider table fits no screen; the most frequent confusions are listed then.
MOST_CLASSES = 16
MOST_CONFUSIONS = 20
MOST_NARROW = 5
# From these shares of a row on a wrong answer is marked, and marked strongly.
NOTABLE, LARGE = 0.02, 0.2
MOSTLY_RIGHT = 0.5


@dataclass(frozen=True)
class Cell:
    """How many pictures of one class were called another; `text` says it in a sentence.

    Attributes:
        href: where those pictures are shown, if there are any.
    """

    count: int
    kind: str
    text: str
    href: str


@dataclass(frozen=True)
class MatrixRow:
    """One true class."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Confusion:
    """A class that was taken for another; `share` is that of its pictures."""

    label: str
    said: str
    count: int
    share: float
    href: str


@dataclass(frozen=True)
class Matrix:
    """The matrix; without rows when it is too wide to show.

    Attributes:
        confusions: the most frequent first.
    """

    labels: Sequence[str]
    rows: Sequence[MatrixRow]
    confusions: Sequence[Confusion]

    @property
    def narrow(self) -> bool:
        """Whether it fits into half of the page."""
        return len(self.labels) <= MOST_NARROW


def matrix_of(manifest: Manifest) -> Matrix:
    """Returns the matrix of a version's test side, by true class (row) and answer (column)."""
    labels, counts = manifest.labels, manifest.confusion
    rows = []
    if len(labels) <= MOST_CLASSES:
        rows = [_row(manifest, true, row) for true, row in enumerate(counts)]
    return Matrix(labels, rows, _confusions(manifest))


def _row(manifest: Manifest, true: int, counts: Sequence[int]) -> MatrixRow:
    labels, total = manifest.labels, sum(counts) or 1
    cells = [
        Cell(
            count,
            _kind(count / total, right=said == true),
            f"{number(count)} of {plural(total, 'picture')} of {labels[true]} got the answer {labels[said]}",
            pictures_href(manifest, labels[true], labels[said]) if count else "",
        )
        for said, count in enumerate(counts)
    ]
    return MatrixRow(labels[true], cells)


def _kind(share: float, *, right: bool) -> str:
    if right:
        return "right" if share >= MOSTLY_RIGHT else "rarely"
    if share >= LARGE:
        return "often-wrong"
    return "wrong" if share >= NOTABLE else "none"


def _confusions(manifest: Manifest) -> list[Confusion]:
    labels = manifest.labels
    found = [
        Confusion(
            labels[true],
            labels[said],
            count,
            count / (sum(row) or 1),
            pictures_href(manifest, labels[true], labels[said]),
        )
        for true, row in enumerate(manifest.confusion)
        for said, count in enumerate(row)
        if said != true and count
    ]
    return sorted(found, key=lambda one: (-one.count, one.label, one.said))[:MOST_CONFUSIONS]
