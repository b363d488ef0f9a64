"""The OpenAPI 3.1 document: made from the routes, the operations beside them and the schemas that validate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from api.access.scopes import scope_of
from api.openapi_webhooks import EVENTS, webhooks
from api.operation import Media, Operation, operation_of
from api.problems import MEDIA_TYPE
from api.services import EXTENSION
from shared import errors
from shared.errors import LoupeError
from shared.schemas.problem import Problem

VERSION = "0.1.0"
REF = "#/components/schemas/{model}"
# What every endpoint can answer with.
ALWAYS = (errors.CrossSiteRefused, errors.HostNotAllowed, errors.LoupeError)
# And those that ask for a key.
WITH_KEY = (errors.Unauthorized, errors.Forbidden, errors.RateLimited, errors.KeysUnreadable)
SCHEME = "key"
PARAMETER_TYPES: dict[str, dict[str, Any]] = {
    "IntegerConverter": {"type": "integer", "minimum": 0},
    "UnicodeConverter": {"type": "string"},
}

Json = dict[str, Any]

SECURITY: Json = {
    "securitySchemes": {
        SCHEME: {"type": "http", "scheme": "bearer", "description": "An access key, as `make key` makes it."}
    }
}


def make_document(app: Flask) -> Json:
    """Returns the OpenAPI document of an app's documented routes."""
    keyed = app.extensions[EXTENSION].keyring is not None
    paths: Json = {}
    models: set[tuple[type[BaseModel], str]] = {(Problem, "serialization")}
    models |= {(event, "serialization") for event in EVENTS.values()}
    for rule, method, operation in sorted(_operations(app), key=lambda found: (found[0].rule, found[1])):
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, method, operation, keyed=keyed)
        models |= set(_models(operation))
    _, definitions = models_json_schema(sorted(models, key=str), ref_template=REF)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Loupe",
            "version": VERSION,
            "summary": "Trains image classifiers, serves them, and classifies pictures and lists of image URLs.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "webhooks": webhooks(REF),
        "components": {"schemas": definitions["$defs"], **(SECURITY if keyed else {})},
    }


def _operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    for rule in app.url_map.iter_rules():
        operation = operation_of(app.view_functions[rule.endpoint])
        if operation is not None:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule, method, operation


def _models(operation: Operation) -> Iterator[tuple[type[BaseModel], str]]:
    for schema in operation.body.values():
        if not isinstance(schema, dict):
            yield schema, "validation"
    for contents in operation.answers.values():
        for content in contents:
            if not isinstance(content, Media):
                yield content, "serialization"


def _operation(rule: Rule, method: str, operation: Operation, *, keyed: bool) -> Json:
    needed = scope_of(rule.endpoint) if keyed else None
    found: Json = {
        "operationId": rule.endpoint.replace(".", "_") + ("" if method == "GET" else f"_{method.lower()}"),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_path_parameters(rule), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {str(status): _answer(contents) for status, contents in operation.answers.items()},
    }
    if operation.description:
        found["description"] = operation.description
    if needed is not None:
        found["security"] = [{SCHEME: [str(needed)]}]
    if operation.body:
        content = {media: {"schema": _schema(schema)} for media, schema in operation.body.items()}
        found["requestBody"] = {"required": operation.body_required, "content": content}
    special = (*operation.errors, *(WITH_KEY if needed is not None else ()))
    found["responses"] |= _error_answers(special, taken=set(found["responses"]))
    return found


def _path_parameters(rule: Rule) -> Iterator[Json]:
    for name, converter in rule._converters.items():
        schema = PARAMETER_TYPES[type(converter).__name__]
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(operation: Operation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = _inlined(operation.query)
    for name, field in schema["properties"].items():
        described = {"description": field.pop("description")} if "description" in field else {}
        yield {"name": name, "in": "query", "schema": field, **described}


def _inlined(model: type[BaseModel]) -> Json:
    """Returns a model's JSON schema with its enums in place: a query has no components of its own."""
    schema = model.model_json_schema()
    definitions: Mapping[str, Json] = schema.pop("$defs", {})

    def inline(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return inline(definitions[value["$ref"].rpartition("/")[2]])
            return {key: inline(inner) for key, inner in value.items()}
        return [inline(inner) for inner in value] if isinstance(value, list) else value

    inlined: Json = inline(schema)
    return inlined


def _header_parameters(operation: Operation) -> Iterator[Json]:
    for name, description in operation.headers.items():
        yield {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _answer(contents: Any) -> Json:
    found: Json = {"description": "Nothing is said." if not contents else "As asked."}
    if contents:
        by_media: dict[str, list[Json]] = {}
        for content in contents:
            media, said = _content(content)
            by_media.setdefault(media, []).append(said)
        found["content"] = {media: _either(said) for media, said in by_media.items()}
    return found


def _either(said: list[Json]) -> Json:
    """Returns what one media type holds, where it may be one of several things."""
    return said[0] if len(said) == 1 else {"schema": {"oneOf": [one["schema"] for one in said]}}


def _content(content: Any) -> tuple[str, Json]:
    if isinstance(content, Media):
        return content.type, {"schema": dict(content.schema)} if content.schema else {}
    return "application/json", {"schema": _schema(content)}


def _schema(schema: type[BaseModel] | Json) -> Json:
    return schema if isinstance(schema, dict) else {"$ref": REF.format(model=schema.__name__)}


def _error_answers(special: Iterable[type[LoupeError]], taken: set[str]) -> Json:
    by_status: dict[str, list[type[LoupeError]]] = {}
    every: set[type[LoupeError]] = {*special, *ALWAYS}
    for error in sorted(every, key=lambda kind: (kind.status, kind.code)):
        by_status.setdefault(str(error.status), []).append(error)
    return {
        status: {
            "description": "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds),
            "content": {MEDIA_TYPE: {"schema": _schema(Problem)}},
        }
        for status, kinds in by_status.items()
        if status not in taken
    }


@cache
def error_codes() -> tuple[type[LoupeError], ...]:
    """Returns every error class that has a code of its own, by code; an item's error hides none of a request."""
    found: dict[str, type[LoupeError]] = {}
    waiting: list[type[LoupeError]] = [LoupeError]
    while waiting:
        kind = waiting.pop(0)
        waiting += kind.__subclasses__()
        if "code" in vars(kind):
            found.setdefault(kind.code, kind)
    return tuple(found[code] for code in sorted(found))
