"""Which labels a training learned from that the version before did not."""

from __future__ import annotations

from pydantic import Field

from shared.registry.record import Record

MOST_LISTED = 100


class ChangedLabel(Record):
    """A picture whose class is another one now.

    Attributes:
        index: its place in the dataset version that was trained on; None for one that was left out of it.
        label: its class now; None for one that was left out because somebody said so.
    """

    index: int | None
    file: str
    was: str
    label: str | None


class LabelChanges(Record):
    """What changed since an earlier version of the model was trained.

    Attributes:
        version: that version.
        dataset: the version of the same dataset that it was trained on.
        relabelled, excluded: how many pictures have another class now, and how many were left out.
        pictures: the first of them.
    """

    version: int
    dataset: str
    relabelled: int
    excluded: int
    pictures: list[ChangedLabel] = Field(default=[], max_length=MOST_LISTED)

    @property
    def total(self) -> int:
        """Both together."""
        return self.relabelled + self.excluded
