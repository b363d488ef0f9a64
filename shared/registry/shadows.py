"""Which version of a model answers copies of live pictures, unseen."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from pydantic import AwareDatetime, ValidationError

from shared.registry.layout import shadow_path
from shared.registry.record import Record, Share
from shared.registry.versions import Versions

log = logging.getLogger(__name__)


class Shadow(Record):
    """A version in shadow, and the share of live pictures that it gets a copy of."""

    version: int
    fraction: Share
    since: AwareDatetime


class Shadows(Versions):
    """The versions in shadow of one storage, one for each model."""

    def shadow(self, name: str) -> Shadow | None:
        """Returns what is in shadow of a model's served version, or None; one that cannot be read is none."""
        try:
            return Shadow.model_validate_json(self._storage.read_bytes(shadow_path(name)))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            log.warning("%s: what is in shadow cannot be read: %s", name, error)
            return None

    def put_in_shadow(self, name: str, version: int, fraction: float) -> Shadow:
        """Has a version answer copies of a share of live pictures; whatever else is in shadow of the model is no more.

        Raises:
            ModelNotFound, VersionNotFound: there is no such version.
            VersionCorrupt: a file is damaged.
        """
        self.verify(name, version)
        before = self.shadow(name)
        since = before.since if before and before.version == version else datetime.now(UTC)
        shadow = Shadow(version=version, fraction=fraction, since=since)
        self._storage.write_bytes(shadow_path(name), shadow.model_dump_json(indent=1).encode())
        return shadow

    def end_shadow(self, name: str, version: int | None = None) -> bool:
        """Has nothing in shadow of a model any more, or not this version; returns whether it was."""
        shadow = self.shadow(name)
        if shadow is None or version not in (None, shadow.version):
            return False
        self._storage.delete(shadow_path(name))
        return True
