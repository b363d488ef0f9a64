"""The OpenAPI document as a page shows it: by tag, each endpoint with what it takes and answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from shared.errors import ItemError, LoupeError
from shared.errors.work import PictureRefused

Json = dict[str, Any]

# An error code before its meaning, as api.openapi says it of an answer.
ERROR_CODE = re.compile(r"`([a-z_]+)`: ")
# A status, and what it says.
Answer = tuple[str, str]
# What a reader calls a body of each media type.
BODIES = {"application/json": "JSON body", "multipart/form-data": "form"}

# Ways to leave a value out, which is what a reader takes one that is not required for.
LEFT_OUT: list[Json] = [{"type": "null"}, {"const": ""}]


@dataclass(frozen=True)
class Field:
    """A parameter or a field of a body.

    Attributes:
        type: as a reader would say it, such as `integer, 1 to 1000`.
    """

    name: str
    place: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True)
class Endpoint:
    """One endpoint.

    Attributes:
        answers: those that not every endpoint has.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    fields: list[Field]
    answers: list[Answer]

    @property
    def successes(self) -> list[Answer]:
        """The answers that are no errors."""
        return [(status, said) for status, said in self.answers if status < "400"]

    @property
    def error_codes(self) -> list[str]:
        """The codes of the others."""
        return [code for status, said in self.answers if status >= "400" for code in ERROR_CODE.findall(said)]


@dataclass(frozen=True)
class Section:
    """The endpoints of one tag."""

    title: str
    endpoints: list[Endpoint]


def everywhere(document: Any) -> list[Answer]:
    """Returns the answers that every endpoint can give, which are said once."""
    each = [_answers(operation) for methods in document["paths"].values() for operation in methods.values()]
    return [answer for answer in each[0] if all(answer in answers for answers in each)]


def describe(document: Any) -> list[Section]:
    """Returns the document's endpoints by tag, in the order of the paths."""
    common = everywhere(document)
    sections: dict[str, Section] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            section = sections.setdefault(tag, Section(tag, []))
            section.endpoints.append(_endpoint(document, path, method, operation, common))
    return list(sections.values())


def _endpoint(document: Any, path: str, method: str, operation: Json, common: list[Answer]) -> Endpoint:
    fields = [
        Field(p["name"], p["in"], _type(document, p["schema"]), p.get("required", False), p.get("description", ""))
        for p in operation["parameters"]
    ]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        fields += _body_fields(document, media, content["schema"])
    return Endpoint(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        fields=fields,
        answers=[answer for answer in _answers(operation) if answer not in common],
    )


def _answers(operation: Json) -> list[Answer]:
    return [(status, _said(answer)) for status, answer in sorted(operation["responses"].items())]


def _body_fields(document: Any, media: str, schema: Json) -> list[Field]:
    resolved = _resolve(document, schema)
    required = set(resolved.get("required", ()))
    return [
        Field(name, BODIES.get(media, media), _type(document, field), name in required, field.get("description", ""))
        for name, field in resolved.get("properties", {}).items()
    ]


def _said(answer: Json) -> str:
    content: dict[str, Json] = answer.get("content", {})
    media = ", ".join(content)
    schema = next(iter(content.values()), {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name != "Problem":
        return f"{name} ({media})"
    return str(answer["description"]) if name or not media else media


def _type(document: Any, schema: Json) -> str:
    """Returns a schema's type in words."""
    words = _kind(document, _resolve(document, schema))
    default = schema.get("default")
    if default is None:
        return words
    return f"{words}, default {default if isinstance(default, str) else json.dumps(default)}"


def _kind(document: Any, schema: Json) -> str:
    parts = schema.get("anyOf") or schema.get("oneOf")
    if parts:
        return " or ".join(_type(document, part) for part in parts if part not in LEFT_OUT)
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(document, schema.get('items', {}))}"
    if "properties" in schema:
        return str(schema["title"])
    kinds = schema.get("type", "any")
    return " or ".join(kind for kind in kinds if kind != "null") if isinstance(kinds, list) else str(kinds)


def _resolve(document: Any, schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def told_by(kind: type[LoupeError]) -> str:
    """Returns what tells of an error: the `status` of an answer, or an `item`, a `dataset` or a `job`."""
    if issubclass(kind, ItemError):
        return "item"
    if issubclass(kind, PictureRefused):
        return "dataset"
    # What is no answer to a request has the status of the root.
    return "job" if kind is not LoupeError and kind.status == LoupeError.status else "status"
