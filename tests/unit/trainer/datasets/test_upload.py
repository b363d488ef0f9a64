"""Folders that came in batches, as sources."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.datasets import DatasetStore
from shared.errors import BadSource, SourceNotFound, StorageUnavailable
from shared.ids import new_id
from shared.uploads import Upload, Uploads, batch_name, folder, refused_name
from tests.support.imports import Imports, Json, picture, refusals
from trainer.datasets import upload as uploaded
from trainer.datasets.source import Context
from trainer.importing.examine import Examiner
from trainer.importing.given import open_source
from trainer.importing.scratch import Scratch


def sent(imports: Imports, batches: Sequence[dict[str, bytes]]) -> Json:
    """Stores batches as the API does, and returns the source."""
    upload = Upload(id=new_id(), batches=len(batches), options={"name": "pets"})
    Uploads(imports.storage).begin(upload)
    for number, files in enumerate(batches):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        imports.storage.write_bytes(f"{folder(upload.id)}/{batch_name(number, len(files), 1)}", data.getvalue())
    return {"type": "upload", "upload": folder(upload.id), "filename": "pets"}


def pictures(label: str, count: int, first: int) -> dict[str, bytes]:
    return {f"pets/{label}/{n}.jpg": picture(first + n) for n in range(count)}


def test_the_batches_are_one_folder(imports: Imports) -> None:
    cats, dogs = pictures("cat", 6, 0), pictures("dog", 6, 100)
    source = sent(imports, [cats, {}, dogs, {"pets/dog/x.jpg": b"no", "pets/y.jpg": picture(9), ".DS_Store": b""}])
    line = {"file": "pets/cat/huge.jpg", "code": "too_large", "message": "It is too large."}
    imports.storage.write_bytes(f"{source['upload']}/{refused_name(0)}", json.dumps(line).encode() + b"\n")
    report = imports.report(source)
    # From remote storage each comes for itself, and is waited for by itself.
    assert [said.get("reason") for said in imports.said].count("fetching the upload") == 4
    assert {name: sum(sides.values()) for name, sides in report["counts"].items()} == {"cat": 6, "dog": 6}
    assert refusals(report) == {
        "pets/cat/huge.jpg": "too_large",
        "pets/dog/x.jpg": "not_an_image",
        "pets/y.jpg": "no_label",
    }
    # All of them, for who wants to mend them.
    lines = DatasetStore(imports.storage).file("pets", imports.version().version, "refused.ndjson").splitlines()
    assert {json.loads(one)["file"] for one in lines} == set(refusals(report))


def test_what_is_gone_or_damaged_is_said(imports: Imports) -> None:
    source = sent(imports, [pictures("cat", 3, 0)])
    imports.storage.write_bytes(f"{source['upload']}/{batch_name(1, 1, 1)}", b"PK")
    with pytest.raises(BadSource):
        imports.run(source)
    imports.storage.delete(source["upload"])
    for upload in (source["upload"], "uploads/../x"):
        with pytest.raises(SourceNotFound):
            imports.run(source | {"upload": upload})


@pytest.mark.parametrize("away", [False, True])
def test_what_goes_while_it_is_read_ends_the_import_and_drops_no_pictures(
    imports: Imports, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    # Given an upload that was listed, and of which no batch is held open
    monkeypatch.setattr(uploaded, "OPEN", 1)
    spec = imports.spec(sent(imports, [pictures("cat", 3, 0), pictures("dog", 3, 10)]))
    context = Context(imports.folder, imports.storage, lambda: pytest.fail("it fetches nothing"))
    entry = next(iter(open_source(spec.source, context)))
    # When the storage goes away, or loses the upload
    shutil.rmtree(imports.storage_url)
    if away:
        Path(imports.storage_url).write_bytes(b"")
    # Then the picture is not told to be at fault
    with Scratch(imports.folder) as scratch, pytest.raises(StorageUnavailable if away else SourceNotFound):
        Examiner(10**6, scratch)(entry)
