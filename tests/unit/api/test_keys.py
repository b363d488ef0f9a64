"""`make key`, `make keys` and `make revoke`."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.keys import main
from shared import audit
from shared.access import digest_of, load_keys


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the setting names; it is not there yet."""
    path = tmp_path / "secret" / "keys.json"
    monkeypatch.setenv("LOUPE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("LOUPE_API_KEYS_FILE", str(path))
    return path


def test_a_key_is_shown_once_alone_on_standard_output(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create", "ann", "train"]) == 0

    said = capsys.readouterr()
    key = said.out.strip()
    assert load_keys(path)[0].sha256 == digest_of(key)
    assert key not in said.err
    assert str(path) in said.err


def test_keys_are_listed_without_what_would_let_in(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["create", "ben", "classify"])
    main(["create", "ann", "admin"])
    made = capsys.readouterr().out

    assert main(["list"]) == 0

    said = capsys.readouterr().out
    assert [line.split("\t")[:2] for line in said.splitlines()] == [["ann", "admin"], ["ben", "classify"]]
    assert not any(key in said for key in made.split())
    assert load_keys(path)[0].sha256 not in said


def test_a_revoked_key_is_gone(path: Path) -> None:
    main(["create", "ann", "train"])

    assert main(["revoke", "ann"]) == 0
    assert load_keys(path) == ()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["create", "Ann", "train"], "NAME: expected a-z, 0-9"),
        (["create", "", "train"], "NAME: expected a-z, 0-9"),
        (["create", "ben", "root"], "SCOPE: expected classify, train, admin, received 'root'"),
        (["create", "ben", ""], "SCOPE: expected"),
        (["create", "ann", "train"], "NAME: 'ann' has a key already"),
        (["revoke", "ben"], "NAME: expected the name of a key, received 'ben'; there are: ann"),
    ],
)
def test_a_wrong_command_changes_nothing(
    path: Path, capsys: pytest.CaptureFixture[str], command: list[str], told: str
) -> None:
    main(["create", "ann", "classify"])
    before = path.read_bytes()
    capsys.readouterr()

    assert main(command) == 2

    assert told in capsys.readouterr().err
    assert path.read_bytes() == before


def test_without_the_setting_the_file_is_in_the_data_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("LOUPE_API_KEYS_FILE")

    assert main(["create", "ann", "train"]) == 0

    assert f"LOUPE_API_KEYS_FILE={tmp_path / 'var' / 'keys.json'}" in capsys.readouterr().err
    assert len(load_keys(tmp_path / "var" / "keys.json")) == 1


def test_what_was_done_is_in_the_audit_log_and_the_key_is_not(
    path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["create", "ann", "train"])
    main(["revoke", "ann"])

    lines = audit.newest(tmp_path / "var", 10)
    assert [(line["who"], line["action"], line["target"]) for line in lines] == [
        ("operator", "revoked key", "ann"),
        ("operator", "created key", "ann"),
    ]
    assert capsys.readouterr().out.strip() not in str(lines)
