"""Trainings: which ways to train there are, and starting one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loupe.bodies import json_body
from loupe.pages import pages
from loupe.resource import Resource, path, start
from loupe.types import Job, Recipe


class Trainings(Resource):
    """Trainings, as `client.trainings`."""

    def recipes(self) -> Iterator[Recipe]:
        """Yields the ways to train by name."""
        return pages(self._transport, path("recipes"), Recipe.read)

    def start(
        self,
        dataset: str,
        recipe: str,
        model: str,
        *,
        params: Mapping[str, Any] | None = None,
        key: str | None = None,
        **options: Any,
    ) -> Job:
        """Starts a training and returns its job at once.

        Args:
            dataset: a name, or `name@3f2a…` for one of its versions.
            recipe: a name of `recipes()`.
            model: the model that gets a new version.
            params: what differs from the recipe's defaults.
            options: `balance`, `seed`, `promote`, `gate` and `webhook`, as the API takes them.
        """
        asked = {"dataset": dataset, "recipe": recipe, "model": model, "params": dict(params or {}), **options}
        return self.start_raw(asked, key=key)

    def start_raw(self, training: Mapping[str, Any], *, key: str | None = None) -> Job:
        """Starts a training from the body of the API's request."""
        return start(self._transport, path("trainings"), json_body(dict(training)), key=key)
