"""What stops a start."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.access.start import check_start
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
