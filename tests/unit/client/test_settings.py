from __future__ import annotations

import pytest

from loupe.errors import ConfigurationError
from loupe.settings import load_settings


def test_the_environment_says_where_and_as_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUPE_URL", "https://loupe.example/below/")
    monkeypatch.setenv("LOUPE_API_KEY", "lk_1")

    found = load_settings()

    assert (found.url, found.api_key, found.local) == ("https://loupe.example/below", "lk_1", False)
    assert load_settings("http://[::1]:8000", "lk_2").api_key == "lk_2"


def test_without_any_it_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUPE_URL", "")
    monkeypatch.delenv("LOUPE_API_KEY", raising=False)

    found = load_settings()

    assert (found.url, found.api_key, found.local) == ("http://127.0.0.1:8000", None, True)


@pytest.mark.parametrize(
    ("url", "in_the_clear"), [("http://loupe.example", True), ("https://loupe.example", False), ("http://[::1]", False)]
)
def test_a_key_that_others_could_read_is_known(url: str, in_the_clear: bool) -> None:
    assert load_settings(url, "lk_1").key_in_the_clear is in_the_clear


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x", "http://", "http://x:y", "http://u:p@x", "http://x/?q", "http://[x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="LOUPE_URL: expected an address"):
        load_settings(url)


def test_a_key_that_could_not_be_a_header_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(api_key="secret\r\nX: y")
    assert "secret" not in str(caught.value)
