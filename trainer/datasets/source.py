"""What a dataset source is: pictures with classes, one after the other, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.catalog import Catalog
from shared.datasets.report import Refused
from shared.errors import LoupeError, NoLabel, TooManyPictures
from shared.storage import Storage

if TYPE_CHECKING:
    from shared.fetch.fetcher import Fetcher

# A dataset has no more, refused ones included; as many are listed before it is known that there are more.
MOST_PICTURES = 1_000_000
# What else takes the name of a class takes no longer one.
LONGEST_LABEL = 200
# A file's bytes, or bare pixels: uint8, grey (height, width) or RGB (height, width, 3).
Content = bytes | NDArray[np.uint8]


@dataclass(frozen=True)
class Candidate:
    """One picture that a source offers.

    Attributes:
        file: what it is called in the report: a path, a URL, a line.
        label: its class.
        read: gets its content; called in a thread. An `ItemError`, a `PictureRefused` or an OSError says why the
            picture is left out; any other error ends the import.
        side: 0 training, 1 test; None where the split is not given.
        held: how many bytes of content it holds already, before it is read.
    """

    file: str
    label: str
    read: Callable[[], Content]
    side: int | None = None
    held: int = 0


def candidate_of(file: str, label: str, content: Content) -> Candidate:
    """Returns a picture whose content is in memory."""
    held = len(content) if isinstance(content, bytes) else content.nbytes
    return Candidate(file, label, lambda: content, held=held)


class Source(Protocol):
    """Labelled pictures in an order that is the same each time.

    Attributes:
        classes: those that must have pictures; others may be met.
        ordered: whether `classes` are in an order of their own, and not in that of their names.
    """

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes that must have pictures."""
        ...

    @property
    def ordered(self) -> bool:
        """Whether `classes` are in an order of their own."""
        ...

    def __len__(self) -> int:
        """Returns how many pictures there are, refused ones included."""
        ...

    def __iter__(self) -> Iterator[Candidate | Refused]:
        """Yields every picture, and what can be seen to be none."""
        ...


@dataclass(frozen=True)
class Context:
    """What sources work with.

    Attributes:
        import_dir: the only folder that paths may name.
        seed: the dataset's.
        max_bytes: the most bytes of one picture.
        max_files: the most files of an archive.
        fetcher: returns what fetches URLs; it is made when it is asked for first.
        fetching: called before each file of an upload comes from storage, which may take long where that is remote.
    """

    import_dir: Path
    storage: Storage
    fetcher: Callable[[], Fetcher]
    seed: int = 0
    max_bytes: int = 20 * 1024 * 1024
    max_files: int = 100_000
    fetching: Callable[[], None] = lambda: None


# Opens what a request asked for, an object of the type's schema. Raises `PathNotAllowed`, or an `ImportFailed`.
OpenSource = Callable[[Any, Context], Source]


@dataclass(frozen=True)
class Listed:
    """A source whose pictures are known by name before any is read."""

    entries: list[Candidate | Refused]
    classes: tuple[str, ...] = ()
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Candidate | Refused]:
        return iter(self.entries)


def at_most(entries: Iterable[Candidate | Refused], most: int = MOST_PICTURES) -> Iterator[Candidate | Refused]:
    """Yields pictures.

    Raises:
        TooManyPictures: there are more than `most`.
    """
    for count, entry in enumerate(entries):
        if count >= most:
            raise TooManyPictures(f"A dataset has at most {most:,} pictures; the source has more.")
        yield entry


def label_problem(label: str) -> LoupeError | None:
    """Returns what is wrong with the name of a class."""
    if 0 < len(label) <= LONGEST_LABEL:
        return None
    return NoLabel(f"A label of 1 to {LONGEST_LABEL} characters is expected.")


def refused(file: str, error: LoupeError) -> Refused:
    """Returns the line of a report that says why a picture was left out."""
    return Refused(file=file, code=error.code, message=error.message)


def shown(name: str) -> str:
    r"""Returns a file's name as text that every program can read: bytes that are no UTF-8 become `\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


sources: Catalog[OpenSource] = Catalog("source.type", "trainer.datasets")
