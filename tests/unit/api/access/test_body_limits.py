"""Bodies that are refused before they lie on the disk."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from api.access.body_limits import LIMITS, SIGN_IN_BYTES
from api.folder_uploads import MOST_BATCH_BYTES
from tests.support.access import HTML, SignedIn, add_key, bearer, token_in
from tests.support.api_world import ApiWorld
from tests.unit.api.access.conftest import KeyedWorld

FORM = "multipart/form-data; boundary=x"
BEGIN = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def send(client: FlaskClient, path: str, size: int, method: str = "POST", **headers: str) -> tuple[int, bool]:
    """Sends the first bytes of a form of so many; returns the status, and whether any was read."""
    body = io.BytesIO(BEGIN)
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    answer = client.open(path, method=method, headers=headers, content_type=FORM, environ_overrides=environ)
    return answer.status_code, body.tell() > 0


def test_every_limit_is_of_an_endpoint(api: ApiWorld) -> None:
    assert set(api.app.view_functions) >= set(LIMITS)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_strangers_form_is_not_read(keyed: KeyedWorld, path: str) -> None:
    client = keyed.api.app.test_client()
    client.environ_base["HTTP_ACCEPT"] = HTML

    # One without a cookie can only be refused, and one that is too large is refused with a cookie, too.
    assert send(client, path, SIGN_IN_BYTES) == (403, False)
    assert send(client, path, SIGN_IN_BYTES + 1) == (403, False)
    client.get("/sign-in")
    assert send(client, path, SIGN_IN_BYTES + 1) == (413, False)


def test_attempts_without_a_token_are_counted_too(keyed: KeyedWorld) -> None:
    client = keyed.api.app.test_client()
    token = token_in(client.get("/sign-in"))
    fields = {"form_token": token, "key": keyed.keys["admin"]}

    statuses = [client.post("/sign-in", data=fields | {"form_token": "none"}).status_code for _ in range(11)]

    assert statuses == [403] * 10 + [429]
    # Whoever asks too often is not even read.
    assert send(client, "/sign-in", 1000) == (429, False)
    assert client.post("/sign-in", data=fields).status_code == 429


def test_a_batch_of_a_folder_is_as_large_for_a_browser_as_for_a_program(keyed: KeyedWorld) -> None:
    api = keyed.api
    train = bearer(keyed.keys["train"])
    upload = api.post("/api/v1/uploads", json={"name": "pets", "batches": 2}, headers=train)
    assert upload.json is not None
    browser = SignedIn(api.app, add_key(keyed.path, "bob", "train"))

    for path, method, client, headers in (
        (f"/api/v1/uploads/{upload.json['id']}/batches/0", "PUT", api.app.test_client(), train),
        (f"/datasets/uploads/{upload.json['id']}/batches/0", "POST", browser.client, {}),
    ):
        assert send(client, path, MOST_BATCH_BYTES + 1, method, **headers) == (413, False)
