"""What an import found: shown to who imported, and kept with the version."""

from __future__ import annotations

from pydantic import Field

from shared.datasets.manifest import SideCounts
from shared.registry.record import Record

# Nobody reads more of a list than this; the counts beside it say how many there are.
MOST_LISTED = 1000


class Refused(Record):
    """A picture that was left out, and why: an item's error code, or one of the import's own."""

    file: str
    code: str
    message: str


class Corrected(Record):
    """A picture of which somebody said that its class is another one, `label`, or, with None, that it is left out."""

    sha256: str
    file: str
    was: str
    label: str | None


class Spread(Record):
    """How a number is spread over the pictures."""

    min: int
    median: int
    max: int


class Size(Record):
    """Width and height in pixels, and how many pictures have them."""

    width: int
    height: int
    count: int


class Sizes(Record):
    """How large the pictures are.

    Attributes:
        most_common: the ten most frequent sizes.
        formats: how many pictures have each format; those that came as bare pixels are kept as PNG.
    """

    width: Spread
    height: Spread
    bytes: Spread
    most_common: list[Size]
    formats: dict[str, int]


class Report(Record):
    """What an import found.

    Attributes:
        imbalance: the largest class's pictures by the smallest one's; 1.0 is balanced.
        refused: pictures left out, with reasons; a `label_conflict` is listed with all its copies.
        refused_codes: how many were refused for each reason.
        duplicates: copies of a picture that is in the dataset once.
        duplicate_files: those copies.
        crossed: pictures given on both sides; they are tested on and not trained on.
        crossed_files: where they lay among those to train on.
        kept_side: pictures given on one side that stay on the other, where an earlier version has them.
        relabelled, excluded: pictures with another class than the source says, and those that were left out, because
            somebody said so (`shared.datasets.corrections`).
        corrected: the first of both.
        unknown_classes: corrections that name a class which is no more; they changed nothing.
        samples, balance: the files of the version that show them.
        previous: the version before; `added` and `removed` count pictures since that.
    """

    classes: list[str]
    counts: dict[str, SideCounts]
    total: int
    train: int
    test: int
    imbalance: float
    refused: list[Refused]
    refused_count: int
    refused_codes: dict[str, int]
    duplicates: int
    duplicate_files: list[str]
    crossed: int
    crossed_files: list[str]
    kept_side: int
    relabelled: int = 0
    excluded: int = 0
    corrected: list[Corrected] = Field(default=[])
    unknown_classes: int = 0
    sizes: Sizes
    samples: str
    balance: str
    previous: str | None
    added: int
    removed: int
