"""Datasets and their versions as the API shows them."""

from __future__ import annotations

from shared.datasets import DatasetManifest, DatasetStore, Newest
from shared.datasets.layout import MANIFEST, REFUSED, is_pack
from shared.datasets.report import Refused
from shared.errors import FileNotKept
from shared.schemas.base import rfc3339
from shared.schemas.dataset import DatasetVersionLine, DatasetVersionView, DatasetView


def dataset_view(store: DatasetStore, name: str) -> DatasetView:
    """Returns a dataset by its newest version.

    Raises:
        DatasetNotFound: there is no such dataset.
    """
    newest = store.known(name)
    manifest = store.manifest(name, newest.version)
    return DatasetView(
        name=name,
        version=newest.version,
        imported_at=rfc3339(newest.imported_at.timestamp()) or "",
        source=shown_source(newest),
        test_fraction=newest.test_fraction,
        seed=newest.seed,
        classes=manifest.classes,
        train=manifest.pictures.train,
        test=manifest.pictures.test,
        versions=[_line(version) for version in store.readable_versions(name)],
        links={"self": f"/api/v1/datasets/{name}", "version": version_path(name, newest.version)},
    )


def version_view(store: DatasetStore, name: str, version: str) -> DatasetVersionView:
    """Returns a version with its report."""
    manifest = store.manifest(name, version)
    files = [MANIFEST, *(file for file in manifest.files if not is_pack(file))]
    records = {file: record.model_dump() for file, record in manifest.files.items() if file in files}
    shown = {**manifest.model_dump(mode="json"), "source": shown_source(manifest), "files": records}
    return DatasetVersionView(
        **shown,
        report=store.report(name, version),
        links={file: f"{version_path(name, version)}/files/{file}" for file in files},
    )


def refused_files(store: DatasetStore, name: str, version: str) -> list[Refused]:
    """Returns the files that were left out of a version; of one that was made before all were kept, the first.

    Raises:
        DatasetNotFound, DatasetVersionNotFound, VersionCorrupt: as `DatasetStore.file`.
    """
    try:
        lines = store.file(name, version, REFUSED).splitlines()
    except FileNotKept:
        return store.report(name, version).refused
    return [Refused.model_validate_json(line) for line in lines]


def version_path(name: str, version: str) -> str:
    """Returns the address of a version."""
    return f"/api/v1/datasets/{name}/versions/{version}"


def picture_path(name: str, version: str, index: int) -> str:
    """Returns the address of a picture of a version."""
    return f"{version_path(name, version)}/pictures/{index}"


def shown_source(record: Newest | DatasetManifest) -> dict[str, object]:
    """Returns a source without where an upload lay: that is Loupe's own business, and gone by now."""
    return {name: value for name, value in record.source.items() if name != "upload"}


def _line(manifest: DatasetManifest) -> DatasetVersionLine:
    return DatasetVersionLine(
        version=manifest.version,
        created_at=rfc3339(manifest.created_at.timestamp()) or "",
        train=manifest.pictures.train,
        test=manifest.pictures.test,
    )
