"""The description of a model, `config.json`, before Keras sees it: every class and function it names is looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from shared.errors import ModelRefused
from trainer.model_import.allowed import VALUES, is_class, is_function

# What makes Keras take an object for one of its own.
MARKS = ("class_name", "registered_name")


def check_description(data: bytes) -> None:
    """Checks a model's description.

    Args:
        data: what is in `config.json`.

    Raises:
        ModelRefused: it is no JSON, or names what could do more than compute.
    """
    try:
        described = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"Expected a description of the model in config.json, as JSON, received {error}.") from None
    if not isinstance(described, dict):
        raise ModelRefused("Expected an object in config.json that describes the model.")
    # How the model as a whole was trained is not read.
    described.pop("compile_config", None)
    for value in _values(described):
        if isinstance(value, dict) and any(mark in value for mark in MARKS):
            _check_named(value)


def _values(described: Any) -> Iterator[Any]:
    """Yields a value and all that is in it."""
    waiting = [described]
    while waiting:
        value = waiting.pop()
        yield value
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _check_named(value: dict[str, Any]) -> None:
    name, module, registered = value.get("class_name"), value.get("module"), value.get("registered_name")
    if isinstance(name, str) and name in VALUES:
        return
    called, allowed = (value.get("config"), is_function) if name == "function" else (name, is_class)
    # Without a module Keras falls back to a way of its past that knows no safe mode.
    if not allowed(module, called) or registered not in (None, name, called):
        shown = ".".join(str(part)[:60] for part in (module, called))
        raise ModelRefused(
            f"Expected a model of Keras's own layers and operations, without code or files of others, received"
            f" {shown!a}. Rebuild it of those layers, and save it again."
        )
