"""One import, top to bottom: read, settle, assign sides, report, publish."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.datasets import DatasetManifest, DatasetStore, Newest, Report
from shared.datasets.layout import BALANCE, REPORT, SAMPLES, newest_path
from shared.errors import DatasetNotFound, DatasetVersionNotFound, VersionCorrupt
from shared.storage import Storage
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.importing.assign import assign, earlier_sides
from trainer.importing.balance import balance_chart
from trainer.importing.classes import check, counts
from trainer.importing.collect import Collection
from trainer.importing.content import VERSION_DIGITS, Content
from trainer.importing.read import Reader
from trainer.importing.report import make_report, since
from trainer.importing.samples import sample_sheet
from trainer.importing.spec import ImportSpec
from trainer.importing.write import Writer

Json = dict[str, Any]


def work(given: bytes, events: Events, stop: StopFlag) -> Json:
    """Does the import that a spec in JSON asks for; see `import_dataset`."""
    return import_dataset(ImportSpec.model_validate_json(given), events, stop)


def import_dataset(spec: ImportSpec, events: Events, stop: StopFlag) -> Json:
    """Imports a dataset. Its version can be seen once it is whole, and never if this raises.

    Returns:
        The import's result: `dataset`, `created` (False where the same content was there) and `report`.

    Raises:
        Stopped: it was told to stop.
        LoupeError: what is wrong, in words for the user.
    """
    storage = Storage(spec.storage_url)
    with Collection(Path(spec.scratch_dir)) as collection:
        classes = Reader(spec, storage, events, stop).read(collection)
        pictures = collection.settle()
        contents = {picture.sha256 for picture in pictures}
        earlier = earlier_sides(storage, spec.name, contents)
        assigned = assign(pictures, earlier, name=spec.name, seed=spec.seed, test_fraction=spec.test_fraction)
        found = counts(classes, [picture.label for picture in pictures], assigned.sides)
        check(found, collection)
        before = _before(DatasetStore(storage), spec.name)
        report = make_report(found, pictures, collection, assigned.kept, since(storage, before, contents))
        events.progress(now=True, phase="writing", failed=collection.failed)
        content = Content.of(classes, pictures, assigned.sides)
        publishing = Publishing(spec, storage, content, report, events, stop)
        return publishing.result(collection)


class Publishing:
    """Turns what was read into a version, if there is none of this content."""

    def __init__(
        self, spec: ImportSpec, storage: Storage, content: Content, report: Report, events: Events, stop: StopFlag
    ) -> None:
        self._spec = spec
        self._storage = storage
        self._content = content
        self._report = report
        self._events = events
        self._stop = stop
        self._digest = content.digest()
        self._version = self._digest[:VERSION_DIGITS]

    def result(self, collection: Collection) -> Json:
        """Writes the version where it is new, and points to it as the newest."""
        created = not self._is_there()
        if created:
            self._write(collection)
        newest = Newest(version=self._version, imported_at=datetime.now(UTC), **self._asked())
        self._storage.write_bytes(newest_path(self._spec.name), newest.model_dump_json(indent=1).encode())
        return {
            "dataset": {"name": self._spec.name, "version": self._version},
            "created": created,
            "report": self._report.model_dump(mode="json"),
        }

    def _is_there(self) -> bool:
        try:
            known = DatasetStore(self._storage).manifest(self._spec.name, self._version)
        except (DatasetNotFound, DatasetVersionNotFound, VersionCorrupt):
            return False
        return known.content == self._digest

    def _write(self, collection: Collection) -> None:
        spec, content = self._spec, self._content
        writer = Writer(self._storage, spec.name, self._version, self._advanced)
        writer.pictures(content, collection.read)
        writer.add(SAMPLES, sample_sheet(content, collection.read, spec.max_image_pixels))
        writer.add(BALANCE, balance_chart(self._report.counts))
        writer.add(REPORT, self._report.model_dump_json(indent=1).encode())
        self._stop.check()
        writer.finish(
            DatasetManifest(
                name=spec.name,
                version=self._version,
                content=self._digest,
                created_at=datetime.now(UTC),
                job_id=spec.job_id,
                classes=content.classes,
                counts=self._report.counts,
                previous=self._report.previous,
                **self._asked(),
            )
        )

    def _asked(self) -> Json:
        source = self._spec.source.model_dump(mode="json", exclude_none=True)
        return {"source": source, "test_fraction": self._spec.test_fraction, "seed": self._spec.seed}

    def _advanced(self) -> None:
        self._stop.check()
        self._events.progress()


def _before(store: DatasetStore, name: str) -> DatasetManifest | None:
    newest = store.newest(name)
    return None if newest is None else store.manifest(name, newest.version)
