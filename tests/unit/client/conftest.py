from __future__ import annotations

from collections.abc import Iterator

import pytest

import loupe
from tests.support.origins import Origin


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Origin]:
    """A server that is told what to answer; LOUPE_URL names it."""
    with Origin() as origin:
        monkeypatch.setenv("LOUPE_URL", origin.url(""))
        monkeypatch.delenv("LOUPE_API_KEY", raising=False)
        yield origin


@pytest.fixture
def client(origin: Origin) -> Iterator[loupe.Client]:
    """A client of that server."""
    with loupe.Client(timeout_s=5, retry_for_s=5) as client:
        yield client
