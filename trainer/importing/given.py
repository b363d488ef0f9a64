"""A given split: one source for the training side, another for the test side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from shared.datasets.report import Refused
from shared.errors import TooManyPictures
from shared.schemas.source import AnySource, NamedSource
from trainer.datasets.source import MOST_PICTURES, Candidate, Context, Source, sources
from trainer.datasets.version import TEST, TRAIN


@dataclass(frozen=True)
class Given:
    """Two sources as one."""

    train: Source
    test: Source

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of both."""
        return tuple(dict.fromkeys([*self.train.classes, *self.test.classes]))

    @property
    def ordered(self) -> bool:
        """Whether the classes have an order of their own."""
        return self.train.ordered

    def __len__(self) -> int:
        return len(self.train) + len(self.test)

    def __iter__(self) -> Iterator[Candidate | Refused]:
        for source, side in ((self.train, TRAIN), (self.test, TEST)):
            for entry in source:
                yield entry if isinstance(entry, Refused) else replace(entry, side=side)


def open_source(asked: AnySource, context: Context) -> Source:
    """Opens what was asked for, with its test source if it has one.

    Raises:
        PathNotAllowed, ImportFailed: a source cannot be opened.
        TooManyPictures: there are more than a million.
    """
    source = _opened(asked, context)
    if asked.test is not None:
        # What is drawn for the test side is not what is drawn for the training side.
        source = Given(source, _opened(_test_of(asked), replace(context, seed=context.seed + 1)))
    if len(source) > MOST_PICTURES:
        raise TooManyPictures(f"A dataset has at most {MOST_PICTURES:,} pictures; the source has {len(source):,}.")
    return source


def _test_of(asked: AnySource) -> AnySource:
    """Returns the test source. Where its labels are numbers without names, they stand for the training side's names."""
    test = cast(AnySource, asked.test)
    if isinstance(asked, NamedSource) and isinstance(test, NamedSource) and test.names is None:
        return test.model_copy(update={"names": asked.names})
    return test


def _opened(asked: AnySource, context: Context) -> Source:
    return sources.get(asked.type)(asked, context)
