from __future__ import annotations

from hashlib import sha256

import pytest

from tests.support.api_world import ApiWorld


def test_pictures_are_shown_and_all_else_is_a_download(api: ApiWorld) -> None:
    path = "/api/v1/models/pets/versions/1/files"

    picture = api.get(f"{path}/sample-0.webp")
    weights = api.get(f"{path}/model.keras")
    manifest = api.get(f"{path}/manifest.json")

    assert (picture.mimetype, picture.data) == ("image/webp", b"RIFF")
    assert picture.headers["Content-Disposition"].startswith("inline")
    assert (weights.mimetype, weights.data) == ("application/octet-stream", b"weights")
    assert weights.headers["Content-Disposition"] == "attachment; filename=pets-1-model.keras"
    assert manifest.mimetype == "application/json"
    for answer in (picture, weights, manifest):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_comes_in_parts_to_who_asks_so(api: ApiWorld) -> None:
    path = "/api/v1/models/pets/versions/1/files/model.keras"
    part = api.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.data) == (206, b"igh")
    assert api.open("HEAD", path).headers["Content-Length"] == "7"


@pytest.mark.parametrize("file", ["model.keras", "manifest.json"])
def test_a_file_is_told_by_its_content(api: ApiWorld, file: str) -> None:
    path = f"/api/v1/models/pets/versions/1/files/{file}"
    answer = api.get(path)

    assert answer.headers["ETag"] == f'"{sha256(answer.data).hexdigest()}"'
    assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
    again = api.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, answer.headers["Cache-Control"])


def test_a_damaged_file_is_not_handed_out(api: ApiWorld) -> None:
    api.services.storage.write_bytes("models/pets/1/model.keras", b"other")

    answer = api.get("/api/v1/models/pets/versions/1/files/model.keras")

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "version_corrupt"
