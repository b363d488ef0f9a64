"""Labels that are numbers, and the names they may stand for."""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import LabelOutOfRange


def label_name(label: int, names: Sequence[str] | None, where: str) -> str:
    """Returns the class of a label: its name, or the number itself where there are no names.

    Args:
        where: what the error begins with, as in "train.csv, line 3".

    Raises:
        LabelOutOfRange: there is no name for it, or it is negative.
    """
    if names is None and label < 0:
        raise LabelOutOfRange(f"{where}: a label of 0 or more is expected, received {label}.")
    if names is not None and not 0 <= label < len(names):
        expected = f"a label from 0 to {len(names) - 1} is expected, because there are {len(names)} names"
        raise LabelOutOfRange(f"{where}: {expected}, received {label}.")
    return str(label) if names is None else names[label]
