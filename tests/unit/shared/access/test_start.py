"""What stops a start."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.access.start import check_start, is_loopback
from shared.settings import Settings, SettingsError
from tests.support.access import add_key


@pytest.mark.parametrize("content", [None, "", "{}", '{"keys": [1]}'])
def test_a_missing_or_broken_file_of_keys_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(SettingsError, match="LOUPE_API_KEYS_FILE: expected a file of hashed keys"):
        check_start(Settings(api_keys_file=path, allow_no_keys=True))


def test_with_keys_any_address_may_be_listened_to(tmp_path: Path) -> None:
    add_key(tmp_path / "keys.json", "ann", "admin")

    check_start(Settings(api_keys_file=tmp_path / "keys.json", host="0.0.0.0"))


def test_a_file_without_keys_is_no_open_door(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"keys": []}')

    check_start(Settings(api_keys_file=tmp_path / "keys.json"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "loupe.example", "127.1", "[::1]", "localhost.", ""])
def test_listening_elsewhere_without_keys_is_refused_at_start(host: str) -> None:
    with pytest.raises(SettingsError, match="LOUPE_HOST: expected a loopback address"):
        check_start(Settings(host=host))


@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0", "allow_no_keys": True}, {"host": "::1"}, {"host": "localhost"}]
)
def test_a_start_that_opens_nothing_unasked_is_fine(settings: dict[str, object]) -> None:
    check_start(Settings(**settings))  # type: ignore[arg-type]


def test_loopback_is_told_by_address_not_by_look() -> None:
    assert is_loopback("127.255.0.9")
    assert not is_loopback("127.0.0.1.nip.io")
