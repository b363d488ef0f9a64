"""Which webhooks are taken, before anything is created. No name is looked up for real."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.webhooks import WebhookCheck
from shared.errors import WebhookNotAllowed
from shared.schemas.webhook import WebhookRequest
from shared.settings import Settings
from tests.support.receiver import SECRET

NAMES = {
    "hooks.example": ["93.184.216.34"],
    "inner.example": ["10.0.0.7"],
    "mixed.example": ["93.184.216.34", "::1"],
    "allowed.example": ["10.1.2.3"],
}


def lookup(host: str) -> list[str]:
    if host == "slow.example":
        time.sleep(3)
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "not known")
    return NAMES[host]


def check(folder: Path, secret: str | None = SECRET) -> WebhookCheck:
    signs = SecretStr(secret) if secret else None
    settings = Settings(data_dir=folder, webhook_secret=signs, fetch_allow=(ip_network("10.1.0.0/16"),))
    return WebhookCheck(settings, lookup)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/loupe?token=1",
        "http://user:secret@hooks.example:8443/",
        "http://allowed.example/",
        "http://10.1.2.3:9000/",
        # What the name server cannot say now is found out when it is told.
        "http://unknown.example/",
        "http://slow.example/",
    ],
)
def test_a_url_that_may_be_reached_is_taken(tmp_path: Path, url: str) -> None:
    check(tmp_path)(WebhookRequest(url=url))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1/", "loopback"),
        ("http://[::1]/", "loopback"),
        ("http://[::ffff:10.0.0.1]/", "private"),
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://0x7f000001/", "unusual spelling"),
        ("http://127.1/", "unusual spelling"),
        ("http://[64:ff9b::7f00:1]/", "loopback"),
        ("http://inner.example/", "private"),
        ("http://mixed.example/", "loopback"),
        ("ftp://hooks.example/", "Only http and https"),
        ("hooks.example", "http:// or https://"),
        ("http://", "names no host"),
        ("http://hooks.example:0/", "port"),
        ("http://a b/", "valid host"),
        ("http://hooks.example/\x00", "control characters"),
        ("http://***@hooks.example/", "Give them again"),
    ],
)
def test_any_other_is_refused_by_name(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(WebhookNotAllowed) as refused:
        check(tmp_path)(WebhookRequest(url=url))
    (error,) = refused.value.errors
    assert error.field == "webhook.url"
    assert words in error.message


def test_without_a_secret_none_is_taken(tmp_path: Path) -> None:
    with pytest.raises(WebhookNotAllowed, match="LOUPE_WEBHOOK_SECRET") as refused:
        check(tmp_path, None)(WebhookRequest(url="https://hooks.example/"))
    assert [error.field for error in refused.value.errors] == ["webhook"]


def test_a_request_without_one_is_left_alone(tmp_path: Path) -> None:
    check(tmp_path, None)(None)
