"""Datasets and their versions in storage, as everybody may read them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from hashlib import sha256

from pydantic import ValidationError

from shared.datasets.layout import (
    MANIFEST,
    REPORT,
    ROOT,
    dataset_path,
    file_path,
    is_pack,
    newest_path,
)
from shared.datasets.manifest import DatasetManifest, Newest
from shared.datasets.report import Report
from shared.errors import DatasetNotFound, DatasetVersionNotFound, FileNotKept, VersionCorrupt
from shared.schemas.base import NAME_PATTERN
from shared.storage import Storage

log = logging.getLogger(__name__)


class DatasetStore:
    """All datasets of one storage."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def names(self) -> list[str]:
        """Returns the names of the datasets whose newest version can be read, sorted. The log tells of the others.

        What lies beside them is left alone.
        """
        named = [name for name in self.storage.names(ROOT) if re.fullmatch(NAME_PATTERN, name)]
        return [name for name in named if self.exists(name) and self._readable(name)]

    def exists(self, name: str) -> bool:
        """Says whether there is a dataset, be it damaged.

        Raises:
            DatasetNotFound: no dataset can have that name.
        """
        return self.storage.exists(newest_path(name))

    def newest(self, name: str) -> Newest | None:
        """Returns the pointer to the version that was imported last, None if there is no such dataset.

        Raises:
            DatasetNotFound: no dataset can have that name.
            VersionCorrupt: the pointer cannot be read.
        """
        try:
            return Newest.model_validate_json(self.storage.read_bytes(newest_path(name)))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise VersionCorrupt(f"{name}: the pointer to the newest version cannot be read: {error}") from error

    def known(self, name: str) -> Newest:
        """Returns as `newest`, of a dataset that there is.

        Raises:
            DatasetNotFound: there is no such dataset.
            VersionCorrupt: the pointer cannot be read.
        """
        found = self.newest(name)
        if found is None:
            raise DatasetNotFound(f"There is no dataset named {name!r}.")
        return found

    def check_exists(self, name: str) -> None:
        """Refuses a dataset that is not there; one that is damaged is.

        Raises:
            DatasetNotFound: there is no such dataset.
        """
        if not self.exists(name):
            raise DatasetNotFound(f"There is no dataset named {name!r}.")

    def versions(self, name: str) -> list[DatasetManifest]:
        """Returns the manifests of a dataset's versions, oldest first; none if there is no such dataset.

        Raises:
            VersionCorrupt: a manifest cannot be read.
        """
        found = (self._found(name, part) for part in self.storage.names(dataset_path(name)))
        return _oldest_first(manifest for manifest in found if manifest is not None)

    def readable_versions(self, name: str) -> list[DatasetManifest]:
        """Returns as `versions`, without those whose manifests cannot be read, which the log tells of."""
        found = []
        for part in self.storage.names(dataset_path(name)):
            try:
                found.append(self._found(name, part))
            except VersionCorrupt as error:
                log.warning("left out of the list: %s", error)
        return _oldest_first(manifest for manifest in found if manifest is not None)

    def manifest(self, name: str, version: str | None = None) -> DatasetManifest:
        """Returns a version's manifest.

        Args:
            name: a dataset's, or with @ one of its versions: "pets@3f2a…".
            version: None for the newest, unless `name` says which.

        Raises:
            DatasetNotFound: there is no such dataset.
            DatasetVersionNotFound: the dataset has no such version.
            VersionCorrupt: the manifest cannot be read.
        """
        name, _, pinned = name.partition("@")
        newest = self.known(name)
        wanted = version or pinned or newest.version
        try:
            return self._read(name, wanted)
        except FileNotFoundError:
            raise DatasetVersionNotFound(f"The dataset {name!r} has no version {wanted}.") from None

    def report(self, name: str, version: str | None = None) -> Report:
        """Returns what the import of a version found."""
        manifest = self.manifest(name, version)
        return Report.model_validate_json(self.file(manifest.name, manifest.version, REPORT))

    def file(self, name: str, version: str, file: str) -> bytes:
        """Returns the content of a version's file, checked against its hash; packs are not handed out.

        Raises:
            FileNotKept: the version has no such file.
            VersionCorrupt: the file is missing or damaged.
        """
        manifest = self.manifest(name, version)
        if file == MANIFEST:
            return self.storage.read_bytes(file_path(name, version, MANIFEST))
        kept = [MANIFEST, *sorted(known for known in manifest.files if not is_pack(known))]
        if file not in kept:
            raise FileNotKept(f"{name}@{version} keeps {', '.join(kept)}; received {file[:100]!r}.")
        try:
            data = self.storage.read_bytes(file_path(name, version, file))
        except FileNotFoundError:
            raise VersionCorrupt(f"{name}@{version}: {file} is missing.") from None
        if sha256(data).hexdigest() != manifest.files[file].sha256:
            raise VersionCorrupt(f"{name}@{version}: {file} is damaged: its SHA-256 differs from the manifest's.")
        return data

    def delete(self, name: str) -> None:
        """Deletes a dataset with all its versions.

        Raises:
            DatasetNotFound: there is no such dataset.
        """
        self.check_exists(name)
        # What makes a version exist goes first, so that a half deleted one is never seen.
        self.storage.delete(newest_path(name))
        for part in self.storage.names(dataset_path(name)):
            self.storage.delete(f"{dataset_path(name)}/{part}/{MANIFEST}")
        self.storage.delete(dataset_path(name))

    def _readable(self, name: str) -> bool:
        try:
            self.manifest(name)
        except (DatasetNotFound, DatasetVersionNotFound, VersionCorrupt) as error:
            log.warning("left out of the list: %s", error)
            return False
        return True

    def _found(self, name: str, part: str) -> DatasetManifest | None:
        """Returns a manifest, None for the pointer, or a version that is being written or deleted."""
        try:
            return self._read(name, part)
        except (FileNotFoundError, DatasetVersionNotFound):
            return None

    def _read(self, name: str, version: str) -> DatasetManifest:
        data = self.storage.read_bytes(file_path(name, version, MANIFEST))
        try:
            manifest = DatasetManifest.model_validate_json(data)
        except ValidationError as error:
            raise VersionCorrupt(f"{name}@{version}: {MANIFEST} cannot be read: {error}") from error
        if (manifest.name, manifest.version) != (name, version):
            raise VersionCorrupt(f"{name}@{version}: {MANIFEST} is that of another version.")
        return manifest


def _oldest_first(manifests: Iterator[DatasetManifest]) -> list[DatasetManifest]:
    return sorted(manifests, key=lambda manifest: (manifest.created_at, manifest.version))
