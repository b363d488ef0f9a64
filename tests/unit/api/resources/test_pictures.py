"""Single pictures of a dataset version."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from api.resources.pictures import media_type
from tests.support.api_world import ApiWorld
from tests.support.imports import Imports, fill
from tests.support.pictures import encode, photo
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version
from trainer.importing import write


def at(name: str, version: str, index: object) -> str:
    return f"/api/v1/datasets/{name}/versions/{version}/pictures/{index}"


def code(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def test_a_picture_is_handed_out_as_it_was_imported(api: ApiWorld) -> None:
    version = toy_version(api.services.storage).version
    opened = open_version(api.services.storage, "pets")
    for index in (0, 7, 39):
        answer = api.get(at("pets", version, index))
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.data == opened.picture(index)
    # What somebody gave runs nothing, whatever a browser sees in it.
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_pictures_of_an_import_are_found_in_all_its_packs(
    api: ApiWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "PACK_BYTES", 4000)
    imports = Imports(tmp_path)
    imports.storage_url, imports.storage = api.services.storage.url, api.services.storage
    fill(imports.folder / "pets", {"cat": 8, "dog": 8})
    version = imports.run({"type": "directory", "path": "pets"})["dataset"]["version"]
    assert len([file for file in api.services.storage.names(f"datasets/pets/{version}") if "pack-" in file]) > 1
    for index in range(16):
        answer = api.get(at("pets", version, index))
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.data == imports.version().picture(index)


def test_what_is_not_there_is_named(api: ApiWorld) -> None:
    version = toy_version(api.services.storage).version
    assert code(api.get(at("cars", version, 0))) == (404, "dataset_not_found")
    assert code(api.get(at("pets", "0" * 12, 0))) == (404, "version_not_found")
    assert code(api.get(at("pets", version, 40))) == (404, "no_image")
    assert code(api.get(at("pets", version, 10**30))) == (404, "no_image")
    for index in ("-1", "x", "../0"):
        assert api.get(at("pets", version, index)).status_code == 404


def test_a_damaged_version_says_so(api: ApiWorld) -> None:
    version = toy_version(api.services.storage).version
    folder = Path(api.services.storage.url, "datasets", "pets", version)
    pack = folder / "pack-000.bin"
    pack.write_bytes(pack.read_bytes()[:10_000])
    assert api.get(at("pets", version, 0)).status_code == 200
    assert code(api.get(at("pets", version, 39))) == (409, "version_corrupt")
    pack.unlink()
    assert code(api.get(at("pets", version, 0))) == (409, "version_corrupt")


def test_an_index_that_is_damaged_is_not_used(api: ApiWorld) -> None:
    version = toy_version(api.services.storage).version
    Path(api.services.storage.url, "datasets", "pets", version, "index.npz").write_bytes(b"?")
    assert code(api.get(at("pets", version, 0))) == (409, "version_corrupt")


def test_a_version_that_came_again_is_read_anew(api: ApiWorld) -> None:
    """Its name is its content's, and yet its packs may differ."""
    storage = api.services.storage
    first = toy_version(storage)
    assert api.get(at("pets", first.version, 3)).status_code == 200
    storage.delete("datasets/pets")
    assert code(api.get(at("pets", first.version, 3))) == (404, "dataset_not_found")
    toy_version(storage, counts={"cat": 3, "dog": 30})
    second = toy_version(storage)
    assert api.get(at("pets", second.version, 3)).data == open_version(storage, "pets").picture(3)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (encode(".jpg", photo()), "image/jpeg"),
        (encode(".png", photo()), "image/png"),
        (encode(".webp", photo()), "image/webp"),
        (encode(".bmp", photo()), "image/bmp"),
        (encode(".tiff", photo()), "image/tiff"),
        (encode(".avif", photo()), "image/avif"),
        (b"GIF89a", "image/gif"),
        (b"<html>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_media_type_comes_from_the_bytes_alone(data: bytes, found: str) -> None:
    assert media_type(data) == found
