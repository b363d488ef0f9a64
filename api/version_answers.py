"""What a version said about each of its test pictures, out of `answers.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import VersionCorrupt
from shared.registry import Manifest, Registry

FILE = "answers.csv"
HEADER = "index,true,said,score"


@dataclass(frozen=True, slots=True)
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
        return _answers(text.splitlines(), len(manifest.labels))
    except ValueError as error:
        raise VersionCorrupt(f"{manifest.name} version {manifest.version}: {FILE} cannot be read: {error}") from error


def _answers(lines: Sequence[str], labels: int) -> list[Answer]:
    if not lines or lines[0] != HEADER:
        raise ValueError(f"it does not begin with {HEADER}")
    return [_answer(line, labels) for line in lines[1:]]


def _answer(line: str, labels: int) -> Answer:
    # A tenth of the time that `csv` takes, which counts where 10,000 pictures are compared.
    index, true, said, score = line.split(",")
    found = Answer(int(index), int(true), int(said), float(score))
    if not (found.index >= 0 and 0 <= found.true < labels and 0 <= found.said < labels and 0 <= found.score <= 1):
        raise ValueError(f"the line {line!r} is out of range")
    return found
