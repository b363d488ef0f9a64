"""What is checked before anything starts."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from launch.app import main
from launch.errors import LaunchError
from launch.preflight import check_port
from launch.programs import Program
from shared.settings import Settings
from tests.support.launched import free_port


def test_a_host_that_is_no_address_of_this_machine_is_named() -> None:
    with pytest.raises(LaunchError, match=r"LOUPE_HOST: expected an address of this machine, received 'no host'"):
        check_port(Settings(host="no host"))
    # TEST-NET-1 is nobody's address.
    with pytest.raises(LaunchError, match=r"LOUPE_HOST: expected an address of this machine, received 192\.0\.2\.1:"):
        check_port(Settings(host="192.0.2.1"))


def test_a_free_port_is_free_afterwards_too() -> None:
    port = free_port()
    check_port(Settings(port=port))
    check_port(Settings(port=port))


def nothing(_settings: Settings) -> list[Program]:
    raise AssertionError("the checks should have stopped the start")


def test_a_taken_port_ends_the_start_with_one_line_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("LOUPE_PORT", str(port))
        monkeypatch.setenv("LOUPE_DATA_DIR", str(tmp_path / "var"))
        assert main([], nothing) == 1
    expected = f"LOUPE_PORT: 127.0.0.1:{port} is already in use by another program; stop it or set LOUPE_PORT\n"
    assert capsys.readouterr() == ("", expected)
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "127.1", socket.gethostname()])
def test_what_the_api_would_not_listen_to_ends_the_start_with_one_line(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Names of addresses that are loopback were taken here, refused by the API, and it was restarted for ever.
    monkeypatch.setenv("LOUPE_HOST", host)
    monkeypatch.setenv("LOUPE_DATA_DIR", str(tmp_path / "var"))
    assert main([], nothing) == 2
    expected = "LOUPE_HOST: expected a loopback address, since there are no access keys, received"
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{expected} {host!r}; set LOUPE_ALLOW_NO_KEYS=1")
    assert not (tmp_path / "var").exists()


def test_a_wrong_setting_ends_the_start_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOUPE_PORT", "http")
    assert main([], nothing) == 2
    assert capsys.readouterr().err == "LOUPE_PORT: expected a whole number from 1 to 65535, received 'http'\n"
