"""The audit log."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from shared import audit


def test_a_line_says_who_did_what_to_what_and_when(tmp_path: Path) -> None:
    audit.record(tmp_path, "ann", "promoted", "/api/v1/models/pets/promote", version=2)

    (line,) = audit.audit_path(tmp_path).read_text().splitlines()
    found = json.loads(line)
    assert found.pop("at").endswith("Z")
    assert found == {"who": "ann", "action": "promoted", "target": "/api/v1/models/pets/promote", "version": 2}
    assert audit.audit_path(tmp_path).stat().st_mode & 0o777 == 0o600


def test_what_clients_say_cannot_make_lines_of_its_own(tmp_path: Path) -> None:
    audit.record(tmp_path, "ann", "promoted", 'x\n{"who": "ben"}\u2028')

    assert len(audit.audit_path(tmp_path).read_bytes().splitlines()) == 1


def test_the_newest_come_first(tmp_path: Path) -> None:
    assert audit.newest(tmp_path, 2) == []
    for number in range(5):
        audit.record(tmp_path, None, "promoted", str(number))

    assert [line["target"] for line in audit.newest(tmp_path, 2)] == ["4", "3"]


def test_a_long_log_is_read_from_its_end(tmp_path: Path) -> None:
    for number in range(1000):
        audit.record(tmp_path, "ann", "promoted", f"{number:0100d}")

    found = audit.newest(tmp_path, 10_000)
    assert int(found[0]["target"]) == 999
    assert 100 < len(found) < 1000


def test_a_line_that_a_full_disk_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    audit.record(tmp_path, "ann", "promoted", "first")
    with audit.audit_path(tmp_path).open("ab") as file:
        file.write(b'{"at": "2026-11-21T')
    audit.record(tmp_path, "ann", "promoted", "third")

    assert [line["target"] for line in audit.newest(tmp_path, 10)] == ["third", "first"]


def test_two_files_of_a_size_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_BYTES", 1000)
    for number in range(100):
        audit.record(tmp_path, "ann", "promoted", str(number))

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["audit.log", "audit.log.1"]
    assert all(file.stat().st_size <= 1000 for file in files)
    assert audit.newest(tmp_path, 1)[0]["target"] == "99"


def write_many(folder: Path, who: str) -> None:
    audit.MAX_BYTES = 100_000
    for number in range(500):
        audit.record(folder, who, "promoted", str(number))


def test_processes_that_write_at_once_lose_no_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, who)) for who in ("ann", "ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = [json.loads(line) for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert sorted((line["who"], int(line["target"])) for line in lines) == [
        (who, number) for who in ("ann", "ben") for number in range(500)
    ]


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "audit.log").mkdir()

    audit.record(tmp_path, "ann", "promoted", "x")

    assert "the audit log cannot be written" in caplog.text
