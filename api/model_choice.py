"""Which model answers a classification, decided when the request is accepted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.errors import ModelNotFound, ModelRequired, NoModel, VersionNotFound
from shared.heartbeat import ProcessState
from shared.registry import Registry
from shared.settings import Settings

# The built-in model: a new user's first, and nobody's choice once there is another.
BUILT_IN = "shapes"
# For so long a choice for a single picture stands; workers follow the served versions as often.
KEPT_S = 1.0
LIST = "list"


@dataclass(frozen=True)
class Choice:
    """A model and the version that would answer now; `pinned` when the request named the version."""

    name: str
    version: int
    pinned: bool


class RecentChoices:
    """Models for single pictures, each looked up in storage once a second, which takes longer than the rest of a POST.

    Which version answers is decided later, by the worker. A version that a request names is looked up each time, and so
    is what is refused.
    """

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings
        self._kept: dict[str | None, tuple[float, Choice]] = {}

    def choose(self, reference: str | None) -> Choice:
        """Returns as `choose_model` does, or did within the last second."""
        now = time.monotonic()
        kept = self._kept.get(reference)
        if kept and now - kept[0] < KEPT_S:
            return kept[1]
        choice = choose_model(self._registry, self._settings, reference)
        if not choice.pinned:
            self._kept[reference] = now, choice
        return choice


def choose_model(registry: Registry, settings: Settings, reference: str | None) -> Choice:
    """Returns the model for a request.

    Args:
        reference: the request's `model`: a name, `name@3`, or None.

    Raises:
        ModelNotFound, VersionNotFound: what is named does not exist.
        NoModel: nothing is served.
        ModelRequired: several models are served and none is named.
    """
    if reference is None:
        reference = _default(registry, settings)
    name, _, version = reference.partition("@")
    if not registry.versions(name):
        raise ModelNotFound(f"There is no model named {name!r}. {_listed(registry.names())}")
    if version:
        return _pinned(registry, name, int(version))
    served = registry.served(name)
    if served is None:
        raise NoModel(f"No version of {name!r} is served. Name one of its versions, as in {name}@1, or promote one.")
    return Choice(name, served.version, pinned=False)


def answering(registry: Registry, states: Sequence[ProcessState], choice: Choice) -> Choice:
    """Returns the version that answers lists now: the served one, or while it is not loaded yet, the one before it.

    A list keeps the version that it begins with. One that was promoted a second ago may be one that no worker can load.

    Args:
        states: the processes that live.
    """
    if choice.pinned:
        return choice
    lists = [model for state in states if state.role == LIST for model in state.models]
    serving = {model["version"] for model in lists if model["name"] == choice.name and model.get("serving")}
    if not serving or choice.version in serving:
        return choice
    there = serving & set(registry.versions(choice.name))
    return replace(choice, version=max(there)) if there else choice


def _default(registry: Registry, settings: Settings) -> str:
    served = sorted(registry.all_served())
    if not served:
        raise NoModel("No model is served yet. The first one goes live as soon as its training has ended.")
    if settings.default_model:
        return settings.default_model
    own = [name for name in served if name != BUILT_IN] or served
    if len(own) > 1:
        raise ModelRequired(f"Several models are served, so `model` has to name one of: {', '.join(own)}.")
    return own[0]


def _pinned(registry: Registry, name: str, version: int) -> Choice:
    versions = registry.versions(name)
    if version not in versions:
        known = ", ".join(map(str, versions)) or "none"
        raise VersionNotFound(f"Model {name!r} has no version {version}. It has: {known}.")
    return Choice(name, version, pinned=True)


def _listed(names: list[str]) -> str:
    return f"There are: {', '.join(names)}." if names else "There is none yet."
