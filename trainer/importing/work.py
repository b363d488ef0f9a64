"""One import, top to bottom: read, settle, assign sides, report, publish."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from shared.datasets import DatasetManifest, DatasetStore, Report
from shared.datasets.corrections import Corrections
from shared.datasets.layout import CORRECTED, REFUSED
from shared.datasets.report import Corrected, Refused
from shared.storage import Storage
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.importing.assign import assign, earlier_sides
from trainer.importing.classes import check, counts
from trainer.importing.collect import Collection
from trainer.importing.content import Content
from trainer.importing.corrected import apply
from trainer.importing.publish import Publisher
from trainer.importing.read import Reader
from trainer.importing.report import make_report, since
from trainer.importing.scratch import Scratch
from trainer.importing.spec import ImportSpec


def work(given: bytes, events: Events, stop: StopFlag) -> dict[str, Any]:
    """Does the import that a spec in JSON asks for; see `import_dataset`."""
    return import_dataset(ImportSpec.model_validate_json(given), events, stop)


def import_dataset(spec: ImportSpec, events: Events, stop: StopFlag) -> dict[str, Any]:
    """Imports a dataset. Its version can be seen once it is whole, and never if this raises.

    Returns:
        The import's result: `dataset`, `created` (False where the same content was there) and `report`.

    Raises:
        Stopped: it was told to stop.
        LoupeError: what is wrong, in words for the user.
    """
    collection = Collection()
    # Closed here: the process that imports ends without clearing up.
    with closing(Storage(spec.storage_url)) as storage, Scratch(Path(spec.scratch_dir)) as scratch:
        classes = Reader(spec, storage, scratch, events, stop).read(collection)
        content, report, corrected = _settled(spec, storage, classes, collection, events)
        events.progress(now=True, phase="writing", failed=collection.failed)
        lists: dict[str, Sequence[Refused | Corrected]] = {REFUSED: collection.refused, CORRECTED: corrected}
        return Publisher(spec, storage, scratch, events, stop, lists).publish(content, report)


def _settled(
    spec: ImportSpec, storage: Storage, classes: list[str], collection: Collection, events: Events
) -> tuple[Content, Report, list[Corrected]]:
    """Decides what the version holds and on which side, and reports it and what was corrected."""
    # Said anew before each file: there may be thousands, and remote storage takes its time for each.
    reading = partial(events.waiting, "comparing with earlier versions")
    reading()
    applied = apply(collection.settle(), Corrections(storage, spec.name).all(reading), classes)
    pictures = applied.pictures
    contents = {picture.sha256 for picture in pictures}
    earlier = earlier_sides(storage, spec.name, contents, reading)
    assigned = assign(pictures, earlier, name=spec.name, seed=spec.seed, test_fraction=spec.test_fraction)
    found = counts(classes, [picture.label for picture in pictures], assigned.sides)
    check(found, collection)
    before = since(storage, _before(storage, spec.name), contents)
    report = make_report(found, pictures, collection, assigned.kept, before, applied)
    return Content.of(classes, pictures, assigned.sides), report, applied.corrected


def _before(storage: Storage, name: str) -> DatasetManifest | None:
    store = DatasetStore(storage)
    newest = store.newest(name)
    return None if newest is None else store.manifest(name, newest.version)
