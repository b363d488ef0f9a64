"""Reads what a request carries into a schema, or says in words what is wrong with it."""

from __future__ import annotations

import json
import reprlib
from typing import Any, NoReturn, TypeVar

from flask import Flask, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from api.operation import operation_of
from shared.errors import BadJson, FieldError, InvalidRequest, UnsupportedMediaType
from shared.schemas.base import NAME_PATTERN, NAME_WORDS, Request

R = TypeVar("R", bound=Request)

# A list may have thousands of wrong lines; nobody reads more of them than this.
MOST_ERRORS = 100
MOST_CHARACTERS_SHOWN = 80
# Python's values take forty times the room of their text. Only a classification's list is longer, and it is a stream.
MOST_JSON_BYTES = 1024 * 1024


def read_json(schema: type[R]) -> R:
    """Returns the JSON body of at most 1 MiB.

    Raises:
        BodyTooLarge: it is longer.
        UnsupportedMediaType: the body is not JSON.
        BadJson: it cannot be parsed.
        InvalidRequest: fields are wrong or unknown.
    """
    return validate(schema, _parsed())


def read_optional_json(schema: type[R]) -> R:
    """Returns the JSON body of an action that needs none: an empty body is an empty object."""
    if not _body():
        return schema()
    return read_json(schema)


def _parsed() -> Any:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(f"Expected application/json, received {request.mimetype or 'no content type'}.")
    try:
        return json.loads(_body(), parse_constant=refuse_constant)
    except RecursionError:
        raise BadJson("The JSON is nested too deeply.") from None
    except ValueError as error:
        raise BadJson(f"The body cannot be read as JSON: {error}.") from None


def _body() -> bytes:
    request.max_content_length = min(request.max_content_length or MOST_JSON_BYTES, MOST_JSON_BYTES)
    return request.get_data()


def read_query(schema: type[R]) -> R:
    """Returns the query, its texts turned into the types of the schema.

    Raises:
        InvalidRequest: values are wrong, unknown or given twice.
    """
    return read_texts(schema, request.args)


def register_query_check(app: Flask) -> None:
    """Refuses a query where an endpoint takes none; those that take one read it themselves."""

    @app.before_request
    def check() -> None:
        operation = operation_of(app.view_functions[request.endpoint]) if request.endpoint else None
        if operation and operation.query is None and request.path.startswith("/api/") and request.args:
            wrong = tuple(FieldError(name, "This endpoint takes no query.") for name in request.args)
            raise InvalidRequest("This endpoint takes no query.", wrong)


def read_texts(schema: type[R], values: MultiDict[str, str]) -> R:
    """Returns the fields of a query or a form, all of them texts, as a schema."""
    twice = [FieldError(name, "This is given more than once.") for name in values if len(values.getlist(name)) > 1]
    if twice:
        raise InvalidRequest("Each field is expected once.", tuple(twice))
    return validate(schema, values.to_dict(), strict=False)


def validate(schema: type[R], value: Any, *, strict: bool = True) -> R:
    """Returns `value` as the schema.

    Args:
        strict: whether a text may not stand for a number.
    """
    try:
        return schema.model_validate(value, strict=strict)
    except ValidationError as error:
        raise InvalidRequest(summary(error.error_count(), "field"), tuple(field_errors(schema, error))) from None


def field_errors(schema: type[Request], error: ValidationError) -> list[FieldError]:
    """Returns what is wrong with each field, in our words; of a great many the first."""
    found = error.errors(include_url=False)
    return [_field_error(schema, detail) for detail in found[:MOST_ERRORS]]


def summary(count: int, what: str) -> str:
    """Returns how many fields or other things are wrong, and which of them `errors` names."""
    if count == 1:
        return f"One {what} is not right; `errors` says which."
    named = f"names the first {MOST_ERRORS}" if count > MOST_ERRORS else "names each"
    return f"{count:,} {what}s are not right; `errors` {named}."


def _field_error(schema: type[Request], detail: ErrorDetails) -> FieldError:
    field = schema.field_name(detail["loc"]) or "body"
    if detail["type"] == "extra_forbidden":
        known = ", ".join(schema.model_fields) if len(detail["loc"]) == 1 else ""
        return FieldError(field, "This is not known here." + (f" Known are: {known}." if known else ""))
    if detail["type"] in {"missing", "one_way"}:
        return FieldError(field, f"{detail['msg']}.")
    # Patterns of references begin as that of names does, and go on with a version.
    a_name = detail.get("ctx", {}).get("pattern", "").startswith(NAME_PATTERN.rstrip("$"))
    expected = f"Expected {NAME_WORDS}" if a_name else detail["msg"]
    return FieldError(field, f"{expected}, received {shown(detail['input'])}.")


def shown(value: object) -> str:
    """Returns a value as an error shows it, shortened; of a long one the rest is not even looked at."""
    if isinstance(value, str):
        value = value[:MOST_CHARACTERS_SHOWN]
        text = repr(value) if value.isprintable() else ascii(value)
    else:
        text = reprlib.repr(value)
    return text if len(text) <= MOST_CHARACTERS_SHOWN else f"{text[:MOST_CHARACTERS_SHOWN]}…"


def no_cursor() -> InvalidRequest:
    """Returns the error of a cursor that no page gave."""
    return InvalidRequest("The cursor is not one.", (FieldError("cursor", "The next_cursor of a page is expected."),))


def refuse_constant(name: str) -> NoReturn:
    """Refuses NaN and the infinities, which Python's decoder would take for numbers."""
    raise ValueError(f"{name} is not a JSON number")
