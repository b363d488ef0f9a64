"""One kind of thing, one file each: recipes, architectures, augmentations and dataset sources are kept like this."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Generic, TypeVar

from shared.errors import FieldError, InvalidRequest

T = TypeVar("T")


class Catalog(Generic[T]):
    """The things of one kind by name. A file in the kind's folder registers its thing; nothing else has to name it.

    Args:
        kind: what a thing is called in a request and in messages, as in "recipe".
        package: the folder with one file a thing, as in "trainer.recipes".
    """

    def __init__(self, kind: str, package: str) -> None:
        self._kind = kind
        self._package = package
        self._things: dict[str, T] = {}
        self._discovered = False

    def register(self, name: str) -> Callable[[T], T]:
        """Returns a decorator that adds a thing under a name.

        Raises:
            ValueError: the name is taken.
        """

        def add(thing: T) -> T:
            if name in self._things:
                raise ValueError(f"{self._kind}: expected a name of its own, received {name!r}, which is taken")
            self._things[name] = thing
            return thing

        return add

    def get(self, name: str) -> T:
        """Returns the thing of that name.

        Raises:
            InvalidRequest: there is none; the message lists those there are.
        """
        self._discover()
        if name not in self._things:
            message = f"expected one of {', '.join(self.names())}, received {name!r}"
            raise InvalidRequest(f"{self._kind}: {message}", (FieldError(self._kind, message),))
        return self._things[name]

    def names(self) -> list[str]:
        """Returns all names, sorted."""
        self._discover()
        return sorted(self._things)

    def _discover(self) -> None:
        if self._discovered:
            return
        for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
            importlib.import_module(f"{self._package}.{module.name}")
        self._discovered = True
