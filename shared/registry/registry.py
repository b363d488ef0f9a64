"""Models and their versions in storage.

A version is immutable. Its manifest is written last and lists the hash of every other file, so a version exists whole
or not at all, on storage without renames too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path

from pydantic import ValidationError

from shared.errors import FileNotKept, ModelNotFound, VersionCorrupt, VersionExists, VersionNotFound
from shared.registry.layout import MANIFEST, ROOT, file_path, manifest_path, model_path, served_path, version_path
from shared.registry.manifest import FileRecord, Manifest
from shared.registry.served import Served
from shared.storage import Storage


class Registry:
    """All models of one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def names(self) -> list[str]:
        """Returns the names of the models that have a version, sorted."""
        return [name for name in self._storage.names(ROOT) if self.versions(name)]

    def versions(self, name: str) -> list[int]:
        """Returns a model's versions, oldest first; none if there is no such model.

        Raises:
            ModelNotFound: no model can have that name.
        """
        found = [int(part) for part in self._storage.names(model_path(name)) if re.fullmatch("[1-9][0-9]*", part)]
        return sorted(version for version in found if self._storage.exists(manifest_path(name, version)))

    def manifest(self, name: str, version: int) -> Manifest:
        """Returns a version's manifest.

        Raises:
            ModelNotFound: there is no such model.
            VersionNotFound: the model has no such version.
            VersionCorrupt: the manifest cannot be read.
        """
        try:
            manifest = Manifest.model_validate_json(self._storage.read_bytes(manifest_path(name, version)))
        except FileNotFoundError:
            if self.versions(name):
                raise VersionNotFound(f"The model {name!r} has no version {version}.") from None
            raise ModelNotFound(f"There is no model named {name!r}.") from None
        except ValidationError as error:
            raise VersionCorrupt(f"{name} version {version}: {MANIFEST} cannot be read: {error}") from error
        if (manifest.name, manifest.version) != (name, version):
            raise VersionCorrupt(f"{name} version {version}: {MANIFEST} is that of another version.")
        return manifest

    def file(self, name: str, version: int, file: str) -> bytes:
        """Returns the content of a version's file, checked against its hash; the manifest's as it is.

        Raises:
            FileNotKept: the version has no such file.
            VersionCorrupt: the file is missing or damaged.
        """
        manifest = self.manifest(name, version)
        if file == MANIFEST:
            return self._storage.read_bytes(manifest_path(name, version))
        if file not in manifest.files:
            kept = ", ".join([MANIFEST, *sorted(manifest.files)])
            raise FileNotKept(f"{name} version {version} keeps {kept}; received {file!r}.")
        return self._checked(manifest, file).read_bytes()

    def verify(self, name: str, version: int) -> Manifest:
        """Checks every file of a version against its hash and returns the manifest.

        Raises:
            VersionCorrupt: a file is missing or damaged.
        """
        manifest = self.manifest(name, version)
        for file in manifest.files:
            self._checked(manifest, file)
        return manifest

    def local_folder(self, name: str, version: int) -> Path:
        """Returns a folder of this machine that holds all files of a version."""
        for file in self.manifest(name, version).files:
            self._storage.local_path(file_path(name, version, file))
        return self._storage.local_path(manifest_path(name, version)).parent

    def served(self, name: str) -> Served | None:
        """Returns a model's served pointer, or None if no version of it is served."""
        try:
            return Served.model_validate_json(self._storage.read_bytes(served_path(name)))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise VersionCorrupt(f"{name}: the served pointer cannot be read: {error}") from error

    def all_served(self) -> dict[str, Served]:
        """Returns the served pointers by model name; models without one are left out."""
        pointers = {name: self.served(name) for name in self._storage.names(ROOT)}
        return {name: served for name, served in pointers.items() if served is not None}

    def promote(self, name: str, version: int) -> Served:
        """Moves a model's pointer to a version. Nothing changes if it is there already.

        Raises:
            VersionCorrupt: a file is damaged; the pointer stays.
        """
        self.verify(name, version)
        before = self.served(name)
        if before is not None and before.version == version:
            return before
        previous = before.version if before else None
        served = Served(version=version, previous_version=previous, promoted_at=datetime.now(UTC))
        self._storage.write_bytes(served_path(name), served.model_dump_json(indent=1).encode())
        return served

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
        """Writes a version: its files, then the manifest that makes it exist.

        Leftovers of a version of that number that was never finished are deleted first.

        Args:
            manifest: without `files`, which are filled in here.
            files: name → content of every file but the manifest.

        Returns:
            The manifest as written.

        Raises:
            VersionExists: a version of that number is there; versions are immutable.
        """
        name, version = manifest.name, manifest.version
        if self._storage.exists(manifest_path(name, version)):
            raise VersionExists(f"{name} version {version} exists, and versions never change.")
        self._storage.delete(version_path(name, version))
        records = {file: FileRecord(sha256=sha256(data).hexdigest(), bytes=len(data)) for file, data in files.items()}
        # Validated again, because file names become part of paths.
        full = Manifest.model_validate({**manifest.model_dump(), "files": records})
        for file, data in files.items():
            self._storage.write_bytes(file_path(name, version, file), data)
        self._storage.write_bytes(manifest_path(name, version), full.model_dump_json(indent=1).encode())
        return full

    def _checked(self, manifest: Manifest, file: str) -> Path:
        """Returns a local path of the file, whose content has the hash that the manifest gives."""
        where = f"{manifest.name} version {manifest.version}: {file}"
        try:
            local = self._storage.local_path(file_path(manifest.name, manifest.version, file))
            with local.open("rb") as opened:
                found = file_digest(opened, "sha256").hexdigest()
        except FileNotFoundError:
            raise VersionCorrupt(f"{where} is missing.") from None
        if found != manifest.files[file].sha256:
            raise VersionCorrupt(f"{where} is damaged: its SHA-256 differs from the manifest's.")
        return local
