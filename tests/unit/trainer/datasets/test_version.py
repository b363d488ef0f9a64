from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from shared.datasets import DatasetStore
from shared.datasets.layout import ITEMS
from shared.errors import DatasetNotFound, DatasetVersionNotFound
from tests.support.imports import Imports, fill
from trainer.datasets.version import open_version
from trainer.importing import write

SOURCE = {"type": "directory", "path": "pets"}


def test_a_version_gives_back_what_was_imported(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "PACK_BYTES", 5000)
    fill(imports.folder / "pets", {"cat": 10, "dog": 7})
    imports.run(SOURCE)

    version = imports.version()

    assert len(version) == 17
    files = {path.read_bytes(): path.parent.name for path in imports.folder.rglob("*.jpg")}
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(version.picture, range(17)))
    assert {data: version.classes[label] for data, label in zip(pictures, version.labels, strict=True)} == files
    assert [row.tobytes() for row in version.sha256] == [sha256(data).digest() for data in pictures]
    assert sorted([*version.train, *version.test]) == list(range(17))
    packs = [name for name in version.manifest.files if name.startswith("pack")]
    assert len(packs) > 2
    assert all(version.manifest.files[name].bytes <= 5000 for name in packs)


def test_items_say_where_each_picture_came_from(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 4, "dog": 4})
    dataset = imports.run(SOURCE)["dataset"]

    lines = DatasetStore(imports.storage).file(dataset["name"], dataset["version"], ITEMS).splitlines()

    version = imports.version()
    for place, line in enumerate(lines):
        item = json.loads(line)
        assert (imports.folder / item["file"]).read_bytes() == version.picture(place)
        assert item["label"] == version.classes[version.labels[place]]
        assert item["split"] == ("train", "test")[version.split[place]]
        assert (item["format"], item["width"], item["height"]) == ("JPEG", 48, 32)


def test_a_version_that_is_not_there_is_named(imports: Imports) -> None:
    with pytest.raises(DatasetNotFound, match="'pets'"):
        imports.version()
    fill(imports.folder / "pets", {"cat": 4, "dog": 4})
    imports.run(SOURCE)
    with pytest.raises(DatasetVersionNotFound):
        open_version(imports.storage, "pets", "0" * 12)


def test_a_dataset_deleted_meanwhile_says_so(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 4, "dog": 4})
    imports.run(SOURCE)
    before, begun = imports.version(), imports.version()
    begun.picture(0)

    DatasetStore(imports.storage).delete("pets")

    with pytest.raises(DatasetNotFound, match="was deleted"):
        before.picture(0)
    # Who has read a picture holds the files: a run goes on to its end.
    assert len({begun.picture(place) for place in range(8)}) == 8
