"""Models and their versions."""

from __future__ import annotations

from collections.abc import Iterator

from loupe.bodies import json_body
from loupe.pages import pages
from loupe.request import Request
from loupe.resource import Resource, path, reader
from loupe.types import Model, Shadow, Version


class Models(Resource):
    """Models of the server, as `client.models`."""

    def all(self) -> Iterator[Model]:
        """Yields the models by name."""
        return pages(self._transport, path("models"), Model.read)

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

    def shadow(self, name: str) -> Shadow:
        """Returns the version in shadow of a model, and how far it agrees with the served one.

        Raises:
            NotFound: there is no such model, or nothing is in shadow of it.
        """
        return self._get(path("models", name, "shadow"), Shadow.read)

    def put_in_shadow(self, name: str, version: int, fraction: float) -> Shadow:
        """Has a version answer copies of a share of live pictures, unseen, in place of what was in shadow before.

        Args:
            fraction: 0 to 1; 0 pauses it.
        """
        body = json_body({"version": version, "fraction": fraction})
        return reader(Shadow.read)(self._transport.json(Request("PUT", path("models", name, "shadow"), body=body)))

    def end_shadow(self, name: str) -> None:
        """Has nothing in shadow of a model any more; what was counted is forgotten."""
        self._delete(path("models", name, "shadow"))
