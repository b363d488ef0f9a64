"""The models that answer, as pages name them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import g

from api.model_choice import BUILT_IN
from api.pages.versions import ShownVersion, readable_row
from api.services import services
from shared.errors import LoupeError

log = logging.getLogger(__name__)


def served_models() -> list[ShownVersion]:
    """Returns what is served and can be read, by name; asked once a request.

    Raises:
        StorageUnavailable: when the storage cannot be read.
    """
    if "served_models" not in g:
        registry = services().registry
        pointers = sorted(registry.all_served().items())
        rows = [readable_row(registry, name, pointer.version, pointer) for name, pointer in pointers]
        g.served_models = [row for row in rows if row is not None]
    found: list[ShownVersion] = g.served_models
    return found


def served_or_unknown() -> list[ShownVersion] | None:
    """Returns what is served, or None when that cannot be told: an error page must not fail over its header."""
    try:
        return served_models()
    except LoupeError as error:
        log.warning("the header cannot say what is served: %s", error)
        return None


def default_model(models: Sequence[ShownVersion]) -> ShownVersion | None:
    """Returns the model that answers when a request names none, or None when the request has to choose."""
    named = services().settings.default_model
    if named:
        return next((model for model in models if model.name == named), None)
    own = [model for model in models if model.name != BUILT_IN] or list(models)
    return own[0] if len(own) == 1 else None
