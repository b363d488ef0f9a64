"""Access keys for tests, and a browser that signs in with one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.access import AccessKey, Scope, changing, digest_of, new_key

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


def add_key(path: Path, name: str, scope: Scope | str) -> str:
    """Adds a key to a file and returns it."""
    key = new_key()
    made = AccessKey(name=name, scope=Scope(scope), sha256=digest_of(key), created_at=datetime.now(UTC))
    with changing(path) as keys:
        keys.append(made)
    return key


def revoke(path: Path, name: str) -> None:
    """Takes a key off a file."""
    with changing(path) as keys:
        keys[:] = [key for key in keys if key.name != name]


def bearer(key: str) -> dict[str, str]:
    """Returns the header that shows a key."""
    return {"Authorization": f"Bearer {key}"}


def token_in(answer: TestResponse) -> str:
    """Returns the form token of a page."""
    found = TOKEN.search(answer.text)
    assert found, answer.text
    return found[1]


class SignedIn:
    """A browser without scripts, signed in with a key."""

    def __init__(self, app: Flask, key: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT"] = HTML
        self.client.environ_base["HTTP_HOST"] = "127.0.0.1:8000"
        self.token = token_in(self.client.get("/sign-in"))
        answer = self.client.post("/sign-in", data={"form_token": self.token, "key": key, "back": "/jobs"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs"), answer.text
        self.token = token_in(self.client.get("/jobs"))

    def get(self, path: str) -> TestResponse:
        """Follows a link."""
        return self.client.get(path)

    def post(self, path: str, **fields: object) -> TestResponse:
        """Sends a form with its token."""
        return self.client.post(path, data={"form_token": self.token, **fields})
