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
    if label < 0 or (names is not None and label >= len(names)):
        expected = f"0 to {len(names) - 1}, one of the {len(names)} names" if names is not None else "0 or more"
        raise LabelOutOfRange(f"{where}: a label of {expected} is expected, received {label}.")
    return str(label) if names is None else names[label]
