from __future__ import annotations

import subprocess
import sys

import pytest

from shared.fetch.urls import host, redact


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@host/a.png", "http://***@host/a.png"),
        ("https://token@host", "https://***@host"),
        ("HTTP://a:b@c:d@host/", "HTTP://***@host/"),
        ("http://user:sec/ret@host/a", "http://***@host/a"),
        ("http://user:sec#ret@host/a", "http://***@host/a"),
        ("http://user:sec?ret@host/a", "http://***@host/a"),
        ("//user:secret@host/", "//***@host/"),
        ("user:secret@host", "user:***@host"),
        ("http:\\\\user:secret@host/", "http:\\\\***@host/"),
        (" http://user:secret@host/", " http://***@host/"),
        ("http://host/@someone/a.png", "http://host/@someone/a.png"),
        ("http://host:8000/?mail=a@b.c", "http://host:8000/?mail=a@b.c"),
        ("http://[::1]:80/a@b", "http://[::1]:80/a@b"),
        ("http://host/a.png", "http://host/a.png"),
        ("", ""),
        ("@", "***@"),
        ("not a url", "not a url"),
    ],
)
def test_what_stands_before_the_at_is_hidden(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_redact_imports_no_http_client() -> None:
    code = "import sys, shared.fetch.urls; sys.exit('urllib3' in sys.modules or 'idna' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://Example.com:80/a?b=c@d", "example.com:80"),
        (" https://me:secret@example.com#top", "example.com"),
        ("cat.png", "cat.png"),
        ("", ""),
    ],
)
def test_a_url_is_sorted_by_its_host(url: str, expected: str) -> None:
    assert host(url) == expected
