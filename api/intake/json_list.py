"""`application/json`: one URL, or a list of URLs or items that is read as it comes; the options before or after it."""

from __future__ import annotations

from typing import IO, Any

from api.bodies import summary, validate
from api.intake.items import add_item
from api.intake.json_text import LONGEST_VALUE, JsonText, ValueTooLong
from api.intake.rows import Rows
from shared.errors import FieldError, InvalidRequest
from shared.schemas.classification import ClassificationRequest

LISTS = ("urls", "items")
# Far more than there are; an object of millions of them would fill the memory.
MOST_FIELDS = 100
# What stands for a list that was read when the other fields are checked; its items are checked one by one.
STAND_IN: dict[str, list[Any]] = {"urls": ["x"], "items": [{"url": "x"}]}


def read_json_list(body: IO[bytes], rows: Rows) -> ClassificationRequest:
    """Reads a classification's body: a list goes into the rows, everything else comes back.

    Of a list that is returned only so much is true that it was there.

    Raises:
        BadJson: the body cannot be parsed.
        InvalidRequest: fields are wrong or unknown.
        TooManyItems: the list is longer than the rows' limit.
    """
    text = JsonText(body)
    try:
        fields = _fields(text, rows) if text.next_character() == "{" else text.value()
    except ValueTooLong:
        raise _too_long("body") from None
    text.end()
    try:
        return validate(ClassificationRequest, fields)
    except InvalidRequest as error:
        # What is wrong with the list is named along with it, as it would be if all had been read at once.
        rows.findings.add(error.errors)
        rows.findings.check()
        raise


def _fields(text: JsonText, rows: Rows) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for count, key in enumerate(text.members()):
        # Those that come again count, too: each takes time.
        if count >= MOST_FIELDS:
            raise InvalidRequest(f"At most {MOST_FIELDS} fields are taken, and there are more.")
        try:
            if key in LISTS and text.next_character() == "[":
                _read_list(key, text, rows)
                fields[key] = STAND_IN[key] if rows.total else []
            else:
                fields[key] = text.value()
        except ValueTooLong:
            raise _too_long(f"{key}.{rows.total}" if key in LISTS else key) from None
    return fields


def _read_list(key: str, text: JsonText, rows: Rows) -> None:
    rows.restart()
    for value in text.elements():
        place = f"{key}.{rows.total}"
        if key == "urls":
            wrong = [FieldError(place, error.message) for error in add_item(rows, {"url": value})]
        else:
            wrong = [FieldError(f"{place}.{error.field}".rstrip("."), error.message) for error in add_item(rows, value)]
        rows.findings.add(wrong)


def _too_long(field: str) -> InvalidRequest:
    message = f"The value is longer than {LONGEST_VALUE:,} characters."
    return InvalidRequest(summary(1, "thing"), (FieldError(field, message),))
