"""Datasets and their versions in storage, as everybody may read them."""

from __future__ import annotations

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
from shared.storage import Storage


class DatasetStore:
    """All datasets of one storage."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def names(self) -> list[str]:
        """Returns the names of the datasets, sorted."""
        return [name for name in self.storage.names(ROOT) if self.newest(name) is not None]

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

    def versions(self, name: str) -> list[DatasetManifest]:
        """Returns the manifests of a dataset's versions, oldest first; none if there is no such dataset.

        Raises:
            VersionCorrupt: a manifest cannot be read.
        """
        found = []
        for part in self.storage.names(dataset_path(name)):
            try:
                found.append(self._read(name, part))
            except (FileNotFoundError, DatasetVersionNotFound):
                # The pointer, or a version that is being written or deleted.
                continue
        return sorted(found, key=lambda manifest: (manifest.created_at, manifest.version))

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
        newest = self.newest(name)
        if newest is None:
            raise DatasetNotFound(f"There is no dataset named {name!r}.")
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
        if not self.storage.exists(newest_path(name)):
            raise DatasetNotFound(f"There is no dataset named {name!r}.")
        # What makes a version exist goes first, so that a half deleted one is never seen.
        self.storage.delete(newest_path(name))
        for part in self.storage.names(dataset_path(name)):
            self.storage.delete(f"{dataset_path(name)}/{part}/{MANIFEST}")
        self.storage.delete(dataset_path(name))

    def _read(self, name: str, version: str) -> DatasetManifest:
        data = self.storage.read_bytes(file_path(name, version, MANIFEST))
        try:
            manifest = DatasetManifest.model_validate_json(data)
        except ValidationError as error:
            raise VersionCorrupt(f"{name}@{version}: {MANIFEST} cannot be read: {error}") from error
        if (manifest.name, manifest.version) != (name, version):
            raise VersionCorrupt(f"{name}@{version}: {MANIFEST} is that of another version.")
        return manifest
