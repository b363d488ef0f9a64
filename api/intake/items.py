"""One item of a list, from wherever it came, into the rows."""

from __future__ import annotations

from pydantic import ValidationError

from api.bodies import field_errors, shown
from api.intake.rows import Rows
from shared.errors import FieldError
from shared.schemas.classification import ListItem

# Far more than an item has; what is wrong with a few is said of each.
MOST_FIELDS = 20


def add_item(rows: Rows, value: object) -> list[FieldError]:
    """Adds an item to the rows, and returns what is wrong with it if anything is; the fields are those of ListItem.

    Args:
        value: as it was read, expected to be an object with `url` and maybe `id`.

    Raises:
        TooManyItems: there are more than the rows take.
    """
    index = rows.count()
    if not isinstance(value, dict):
        return [FieldError("", f'An object such as {{"url": "…"}} is expected, received {shown(value)}.')]
    if len(value) > MOST_FIELDS:
        # Each would be an error of its own: thousands for an item, minutes for a list.
        return [
            FieldError("", f"An object with `url` and maybe `id` is expected, received one of {len(value):,} fields.")
        ]
    try:
        item = ListItem.model_validate(value, strict=True)
    except ValidationError as error:
        return field_errors(ListItem, error)
    rows.add(index, item.id, item.url)
    return []


def add_line(rows: Rows, number: int, value: object) -> None:
    """Adds the item of a line; what is wrong with it is a finding of that line. Otherwise as `add_item`."""
    for wrong in add_item(rows, value):
        rows.findings.add_line(number, f"{wrong.field}: {wrong.message}" if wrong.field else wrong.message)
