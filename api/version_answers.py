"""What a version said about each of its test pictures, out of `answers.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from shared.errors import VersionCorrupt
from shared.registry import Manifest, Registry

FILE = "answers.csv"


@dataclass(frozen=True)
class Answer:
    """The answer to one test picture.

    Attributes:
        index: the picture's place in the dataset version.
        true, said: its class and the answer, as places in the version's labels.
        score: the answer's probability.
    """

    index: int
    true: int
    said: int
    score: float

    @property
    def order(self) -> tuple[bool, float, int]:
        """Sorts by what is worth a look: wrong answers, the surest first, then right ones, the least sure first."""
        right = self.true == self.said
        return right, self.score if right else -self.score, self.index


def answers_of(registry: Registry, manifest: Manifest) -> list[Answer] | None:
    """Returns the answers in the order of the dataset; None if the version was made before they were kept.

    Raises:
        VersionCorrupt: the file is missing, damaged or of another form.
    """
    if FILE not in manifest.files:
        return None
    text = registry.file(manifest.name, manifest.version, FILE).decode("ascii", "replace")
    try:
        return [
            Answer(int(line["index"]), int(line["true"]), int(line["said"]), float(line["score"]))
            for line in csv.DictReader(text.splitlines())
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise VersionCorrupt(f"{manifest.name} version {manifest.version}: {FILE} cannot be read: {error!r}") from error
