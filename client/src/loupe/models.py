"""Models and their versions."""

from __future__ import annotations

from collections.abc import Iterator

from loupe.pages import pages
from loupe.resource import Resource, path, reader
from loupe.types import Model, Version


class Models(Resource):
    """Models of the server, as `client.models`."""

    def all(self) -> Iterator[Model]:
        """Yields the models by name."""
        return pages(self._transport, path("models"), reader(Model.read))

    def get(self, name: str) -> Model:
        """Returns a model.

        Raises:
            NotFound: there is none of this name.
        """
        return self._get(path("models", name), Model.read)

    def version(self, name: str, version: int) -> Version:
        """Returns a version of a model with its metrics.

        Raises:
            NotFound: there is no such version.
        """
        return self._get(path("models", name, "versions", version), Version.read)

    def promote(self, name: str, version: int) -> Model:
        """Has a version answer from now on; workers follow within seconds."""
        return self._post(path("models", name, "promote"), Model.read, {"version": version})

    def delete_version(self, name: str, version: int) -> None:
        """Deletes a version that is not served."""
        self._delete(path("models", name, "versions", version))
