"""Models and which of their versions answers."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from pydantic import ValidationError

from shared.errors import InUse, VersionCorrupt
from shared.registry.layout import deleted_path, earlier_path, manifest_path, served_path, version_path, webhook_path
from shared.registry.served import Period, Served, periods_of
from shared.registry.shadows import Shadows

log = logging.getLogger(__name__)

# More of a model's past than this is neither read nor shown.
MOST_PERIODS = 100


class Registry(Shadows):
    """All models of one storage: their versions, the served pointers, and what is in shadow."""

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

    def periods(self, name: str, most: int = MOST_PERIODS) -> list[Period]:
        """Returns which versions answered when, newest first; none while the pointer cannot be read.

        Args:
            most: how many; older ones stay in storage.
        """
        now = self.readable_served(name)
        if now is None:
            return []
        # One that was kept for a successor that never came answers still.
        files = [file for file in self._storage.names(earlier_path(name)) if file != now.file]
        earlier = [self._earlier(name, file) for file in reversed(files[-most:])]
        return periods_of([now, *(pointer for pointer in earlier if pointer is not None)][:most])

    def promote(self, name: str, version: int) -> Served:
        """Moves a model's pointer to a version. Nothing changes if it is there already.

        Storage has no compare-and-set: where others may move the pointer too, `shared.pointers` has one move at a time.

        Raises:
            ModelNotFound, VersionNotFound: there is no such version.
            VersionCorrupt: a file is damaged; the pointer stays.
        """
        self.verify(name, version)
        before = self.readable_served(name)
        if before is not None and before.version == version:
            return before
        first = Served(version=version, previous_version=None, promoted_at=datetime.now(UTC))
        return self._move(name, before, before.promoted(version) if before else first)

    def way_back(self, name: str, served: Served) -> int | None:
        """Returns the version that answered before the served one and still can, as far as is known."""
        return self._before(name, served, {served.version})

    def go_back(self, name: str, served: Served, to: int, reason: str) -> Served | None:
        """Takes a model's pointer back from a version that no worker can load.

        Args:
            served: the pointer as it was when that was found out.
            to: the version that is to answer again.
            reason: what a worker said about the version it could not load.

        Returns:
            The pointer; None if somebody moved it meanwhile, whose word is the later one.
        """
        now = self.readable_served(name)
        if now is None or now.promoted_at != served.promoted_at:
            return None
        return self._move(name, now, now.gone_back(to, reason, self._before(name, now, {now.version, to})))

    def _before(self, name: str, served: Served, but: set[int]) -> int | None:
        there = set(self.versions(name)) - but - {refusal.version for refusal in served.refused}
        newest_first = [served.previous_version, *(period.version for period in self.periods(name))]
        return next((version for version in newest_first if version in there), None)

    def _move(self, name: str, before: Served | None, served: Served) -> Served:
        if before is not None:
            # Before the pointer moves: what is kept twice is the same file, and what is served has no file of its own.
            self._storage.write_bytes(earlier_path(name, before.file), before.model_dump_json(indent=1).encode())
        self._storage.write_bytes(served_path(name), served.model_dump_json(indent=1).encode())
        # What answers needs no shadow to be compared with itself.
        self.end_shadow(name, served.version)
        return served

    def _earlier(self, name: str, file: str) -> Served | None:
        try:
            return Served.model_validate_json(self._storage.read_bytes(earlier_path(name, file)))
        except (FileNotFoundError, ValidationError) as error:
            log.warning("%s: %s cannot be read: %s", name, file, error)
            return None

    def keep_webhook(self, name: str, version: int, url: str) -> None:
        """Keeps who is told whenever a version is promoted. It is no file of the version: those are handed out."""
        self._storage.write_bytes(webhook_path(name, version), url.encode())

    def webhook(self, name: str, version: int) -> str | None:
        """Returns who is told whenever a version is promoted; None for nobody."""
        try:
            return self._storage.read_bytes(webhook_path(name, version)).decode(errors="replace")
        except FileNotFoundError:
            return None

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
        self.end_shadow(name, version)
        record = {"deleted_at": datetime.now(UTC).isoformat()}
        self._storage.write_bytes(deleted_path(name, version), json.dumps(record).encode())
        # Without its manifest it is no version any more, whatever becomes of its other files.
        self._storage.delete(manifest)
        self._storage.delete(version_path(name, version))
        self._storage.delete(webhook_path(name, version))
