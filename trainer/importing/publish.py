"""Turns what was read into a version, if there is none of this content, and points to it as the newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.datasets import DatasetManifest, DatasetStore, Newest, Report
from shared.datasets.layout import BALANCE, REPORT, SAMPLES, newest_path
from shared.datasets.report import Corrected, Refused
from shared.errors import DatasetNotFound, DatasetVersionNotFound
from shared.storage import Storage
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.importing.balance import balance_chart
from trainer.importing.content import VERSION_DIGITS, Content
from trainer.importing.picture import Picture
from trainer.importing.samples import sample_sheet
from trainer.importing.scratch import Scratch
from trainer.importing.spec import ImportSpec
from trainer.importing.write import Writer


@dataclass
class Publisher:
    """Publishes the version of one import.

    Attributes:
        lists: what the report has the first lines of, by the name of the file that gets all; none of an empty list.
    """

    spec: ImportSpec
    storage: Storage
    scratch: Scratch
    events: Events
    stop: StopFlag
    lists: Mapping[str, Sequence[Refused | Corrected]] = field(default_factory=dict)

    def publish(self, content: Content, report: Report) -> dict[str, Any]:
        """Writes the version where it is new.

        Returns:
            The import's result: `dataset`, `created` and `report`.

        Raises:
            Stopped: it was told to stop; no version is to be seen.
            StorageUnavailable: the storage does not answer, or is full.
        """
        name, digest = self.spec.name, content.digest()
        version = digest[:VERSION_DIGITS]
        created = not self._is_there(version, digest) and self._write(version, digest, content, report)
        newest = Newest(version=version, imported_at=datetime.now(UTC), **self._asked())
        self.storage.write_bytes(newest_path(name), newest.model_dump_json(indent=1).encode())
        dataset = {"name": name, "version": version}
        return {"dataset": dataset, "created": created, "report": report.model_dump(mode="json")}

    def _is_there(self, version: str, digest: str) -> bool:
        try:
            known = DatasetStore(self.storage).manifest(self.spec.name, version)
        except (DatasetNotFound, DatasetVersionNotFound):
            return False
        return known.content == digest

    def _write(self, version: str, digest: str, content: Content, report: Report) -> bool:
        """Writes the version. Returns False if another import of the same content was sooner, whose files stay.

        What differs from import to import comes last and at once: two writers must not mix their files.
        """
        spec = self.spec
        writer = Writer(self.storage, spec.name, version, self._advanced, lambda: self.events.waiting("storing a file"))
        writer.pictures(content, self._read)
        samples, balance = sample_sheet(content, self._read, spec.max_image_pixels), balance_chart(report.counts)
        self.stop.check()
        if self._is_there(version, digest):
            return False
        writer.items(content)
        for name, lines in self.lists.items():
            if lines:
                writer.add(name, b"".join(line.model_dump_json().encode() + b"\n" for line in lines))
        writer.add(SAMPLES, samples)
        writer.add(BALANCE, balance)
        writer.add(REPORT, report.model_dump_json(indent=1).encode())
        writer.finish(
            DatasetManifest(
                name=spec.name,
                version=version,
                content=digest,
                created_at=datetime.now(UTC),
                job_id=spec.job_id,
                classes=content.classes,
                counts=report.counts,
                previous=report.previous,
                corrected_from=spec.corrected_from,
                **self._asked(),
            )
        )
        return True

    def _asked(self) -> dict[str, Any]:
        source = self.spec.source.model_dump(mode="json", exclude_none=True)
        return {"source": source, "test_fraction": self.spec.test_fraction, "seed": self.spec.seed}

    def _read(self, picture: Picture) -> bytes:
        return self.scratch.read(picture.offset, picture.length)

    def _advanced(self) -> None:
        self.stop.check()
        self.events.progress()
