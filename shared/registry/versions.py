"""The versions of models in storage.

A version is immutable. Its manifest is written last and lists the hash of every other file, so a version exists whole
or not at all, on storage without renames too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path

from pydantic import ValidationError

from shared.errors import (
    FileNotKept,
    LoupeError,
    ModelNotFound,
    StorageUnavailable,
    VersionCorrupt,
    VersionExists,
    VersionNotFound,
)
from shared.registry.layout import MANIFEST, ROOT, deleted_path, file_path, manifest_path, model_path, version_path
from shared.registry.manifest import FileRecord, Manifest
from shared.schemas.base import NAME_PATTERN
from shared.storage import Storage


class Versions:
    """All versions of one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def names(self) -> list[str]:
        """Returns the names of the models that have a version, sorted. What lies beside them is left alone."""
        return [name for name in self._named() if self.versions(name)]

    def versions(self, name: str) -> list[int]:
        """Returns a model's versions, oldest first; none if there is no such model.

        Raises:
            ModelNotFound: no model can have that name.
        """
        deleted = self._deleted(name)
        found = [number for number in _numbers(self._storage.names(model_path(name))) if number not in deleted]
        return [number for number in found if self._storage.exists(manifest_path(name, number))]

    def known_versions(self, name: str) -> list[int]:
        """Returns the versions of a model that has one, oldest first.

        Raises:
            ModelNotFound: there is no such model.
        """
        found = self.versions(name)
        if not found:
            raise ModelNotFound(f"There is no model named {name!r}.")
        return found

    def last_version(self, name: str) -> int:
        """Returns the highest number that a version of the model has or had, deleted ones included; 0 for none."""
        return max([*self.versions(name), *self._deleted(name)], default=0)

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
            raise self._missing(name, version) from None
        except ValidationError as error:
            raise VersionCorrupt(f"{name} version {version}: {MANIFEST} cannot be read: {error}") from error
        if (manifest.name, manifest.version) != (name, version):
            raise VersionCorrupt(f"{name} version {version}: {MANIFEST} is that of another version.")
        return manifest

    def file(self, name: str, version: int, file: str) -> bytes:
        """Returns the content of a version's file; otherwise as `local_file`."""
        return self.local_file(name, version, file)[0].read_bytes()

    def local_file(self, name: str, version: int, file: str) -> tuple[Path, str]:
        """Returns a path of this machine with a version's file, and its SHA-256 in hex.

        It is checked against the manifest's; the manifest itself is taken as it is.

        Raises:
            FileNotKept: the version has no such file.
            VersionCorrupt: the file is missing or damaged.
        """
        manifest = self.manifest(name, version)
        if file == MANIFEST:
            local = self._storage.local_path(manifest_path(name, version))
            return local, sha256(local.read_bytes()).hexdigest()
        if file not in manifest.files:
            kept = ", ".join([MANIFEST, *sorted(manifest.files)])
            raise FileNotKept(f"{name} version {version} keeps {kept}; received {file[:100]!r}.")
        return self._checked(manifest, file), manifest.files[file].sha256

    def verify(self, name: str, version: int, files: Iterable[str] | None = None) -> Manifest:
        """Checks files of a version against their hashes and returns the manifest.

        Args:
            files: those to check; all of them if not given.

        Raises:
            VersionCorrupt: a file is missing or damaged.
        """
        manifest = self.manifest(name, version)
        for file in manifest.files if files is None else files:
            self._checked(manifest, file)
        return manifest

    def local_folder(self, name: str, version: int, files: Iterable[str] | None = None) -> Path:
        """Returns a folder of this machine that holds the manifest and other files of a version together.

        Args:
            files: those that are needed; all of them if not given. From remote storage the others are not fetched.

        Raises:
            VersionCorrupt: a file is missing.
        """
        manifest = self.manifest(name, version)
        for file in manifest.files if files is None else files:
            self._local(manifest, file)
        return self._storage.local_path(manifest_path(name, version)).parent

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
        """Writes a version: its files, then the manifest that makes it exist.

        Leftovers of a version of that number that was never finished are deleted first. Two attempts of a job may be at
        it at once, the first of them held to be dead: whose manifest is there first has the version, and the other one
        changes nothing from then on.

        Args:
            manifest: without `files`, which are filled in here.
            files: name → content of every file but the manifest.

        Returns:
            The manifest as written.

        Raises:
            VersionExists: a version of that number is there; versions are immutable.
        """
        name, version = manifest.name, manifest.version
        self._check_free(name, version)
        self._storage.delete(version_path(name, version))
        # Validated again, because file names become part of paths.
        full = Manifest.model_validate({**manifest.model_dump(), "files": file_records(files)})
        try:
            for file, data in files.items():
                self._put(full, file_path(name, version, file), data)
            self._put(full, manifest_path(name, version), full.model_dump_json(indent=1).encode())
        except StorageUnavailable:
            # A full disk is not to stay full of what nobody will ever see.
            with suppress(LoupeError):
                self._check_free(name, version)
                self._storage.delete(version_path(name, version))
            raise
        return full

    def _put(self, manifest: Manifest, path: str, data: bytes) -> None:
        with self._storage.open_write(path) as file:
            file.write(data)
            # Now and not before the write, in which a process may stand still until another one has the version.
            self._check_free(manifest.name, manifest.version)

    def _check_free(self, name: str, version: int) -> None:
        if self._storage.exists(manifest_path(name, version)):
            raise VersionExists(f"{name} version {version} exists, and versions never change.")
        if self._storage.exists(deleted_path(name, version)):
            raise VersionExists(f"{name} version {version} was deleted, and its number is not used again.")

    def _named(self) -> list[str]:
        return [name for name in self._storage.names(ROOT) if re.fullmatch(NAME_PATTERN, name)]

    def _deleted(self, name: str) -> set[int]:
        return set(_numbers(self._storage.names(deleted_path(name))))

    def _missing(self, name: str, version: int) -> LoupeError:
        try:
            self.known_versions(name)
        except ModelNotFound as error:
            return error
        return VersionNotFound(f"The model {name!r} has no version {version}.")

    def _checked(self, manifest: Manifest, file: str) -> Path:
        """Returns a local path of the file, whose content has the hash that the manifest gives."""
        local = self._local(manifest, file)
        with local.open("rb") as opened:
            found = file_digest(opened, "sha256").hexdigest()
        if found != manifest.files[file].sha256:
            where = f"{manifest.name} version {manifest.version}: {file}"
            raise VersionCorrupt(f"{where} is damaged: its SHA-256 differs from the manifest's.")
        return local

    def _local(self, manifest: Manifest, file: str) -> Path:
        where = f"{manifest.name} version {manifest.version}: {file}"
        if file not in manifest.files:
            raise VersionCorrupt(f"{where} is not among the files of its manifest.")
        try:
            return self._storage.local_path(file_path(manifest.name, manifest.version, file))
        except FileNotFoundError:
            raise VersionCorrupt(f"{where} is missing.") from None


def file_records(files: Mapping[str, bytes]) -> dict[str, FileRecord]:
    """Returns the hash and size of files, by name."""
    return {file: FileRecord(sha256=sha256(data).hexdigest(), bytes=len(data)) for file, data in files.items()}


def _numbers(names: Iterable[str]) -> list[int]:
    return sorted(int(name) for name in names if re.fullmatch("[1-9][0-9]{0,8}", name))
