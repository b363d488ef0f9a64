"""Models and which of their versions answers."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from pydantic import ValidationError

from shared.errors import InUse, VersionCorrupt
from shared.registry.layout import deleted_path, manifest_path, served_path, version_path
from shared.registry.served import Served
from shared.registry.versions import Versions

log = logging.getLogger(__name__)


class Registry(Versions):
    """All models of one storage: their versions, and the served pointers."""

    def served(self, name: str) -> Served | None:
        """Returns a model's served pointer, or None if no version of it is served.

        Raises:
            VersionCorrupt: the pointer cannot be read.
        """
        try:
            return Served.model_validate_json(self._storage.read_bytes(served_path(name)))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise VersionCorrupt(f"{name}: the served pointer cannot be read: {error}") from error

    def readable_served(self, name: str) -> Served | None:
        """Returns as `served`, and None for a pointer that cannot be read, which the log tells of."""
        try:
            return self.served(name)
        except VersionCorrupt as error:
            log.warning("%s Promote a version to write it anew.", error)
            return None

    def served_version(self, name: str) -> int | None:
        """Returns the number of a model's served version; None if there is none, or its pointer cannot be read."""
        served = self.readable_served(name)
        return served.version if served else None

    def all_served(self) -> dict[str, Served]:
        """Returns the served pointers by model name; models without one that can be read are left out."""
        pointers = {name: self.readable_served(name) for name in self._named()}
        return {name: served for name, served in pointers.items() if served is not None}

    def promote(self, name: str, version: int) -> Served:
        """Moves a model's pointer to a version. Nothing changes if it is there already.

        Raises:
            ModelNotFound, VersionNotFound: there is no such version.
            VersionCorrupt: a file is damaged; the pointer stays.
        """
        self.verify(name, version)
        before = self.readable_served(name)
        if before is not None and before.version == version:
            return before
        previous = before.version if before else None
        served = Served(version=version, previous_version=previous, promoted_at=datetime.now(UTC))
        self._storage.write_bytes(served_path(name), served.model_dump_json(indent=1).encode())
        return served

    def delete(self, name: str, version: int) -> None:
        """Deletes a version. Its number is written down, so that no other version ever gets it.

        Raises:
            ModelNotFound, VersionNotFound: there is no such version.
            InUse: it is served.
        """
        manifest = manifest_path(name, version)
        if not self._storage.exists(manifest):
            raise self._missing(name, version)
        if self.served_version(name) == version:
            raise InUse(f"Version {version} of {name!r} is served. Promote another one first.")
        record = {"deleted_at": datetime.now(UTC).isoformat()}
        self._storage.write_bytes(deleted_path(name, version), json.dumps(record).encode())
        # Without its manifest it is no version any more, whatever becomes of its other files.
        self._storage.delete(manifest)
        self._storage.delete(version_path(name, version))
