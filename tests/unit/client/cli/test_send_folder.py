"""`loupe datasets import FOLDER`: what is sent, what is sent again, and what is said of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.origins import Origin, reset_mid_body
from tests.support.told import JOB_ID, in_turn, job, problem, told
from tests.unit.client.cli.conftest import Loupe

UPLOADS = "/api/v1/uploads"
UPLOAD = f"{UPLOADS}/{JOB_ID}"
LARGEST = 100
REPORT = {
    "refused_count": 7,
    "refused_codes": {"not_an_image": 6, "too_large": 1},
    "refused": [{"file": f"cat/{n}.txt", "code": "not_an_image", "message": "It is none."} for n in range(7)],
}


def upload(*missing: int, files: int = 0, **fields: Any) -> dict[str, Any]:
    view = {"id": JOB_ID, "name": "pets", "batches": 3, "missing": list(missing), "missing_count": len(missing)}
    return {**view, "files": files, "bytes": files, "max_file_bytes": LARGEST, "job": None, **fields}


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A folder of two pictures and one that is too large."""
    for name, size in (("cat/1.png", 10), ("cat/2.png", LARGEST + 1), ("dog/3.png", 20)):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(b"x" * size)
    return tmp_path / "pets"


@pytest.fixture
def server(origin: Origin) -> Origin:
    """A server that takes everything at once."""
    made = {"dataset": {"name": "pets", "version": "3f2a"}, "created": True, "report": REPORT}
    origin.on(UPLOADS, told(upload(0, 1, 2), 201))
    origin.on(UPLOAD, told(upload(files=2)))
    for number in range(3):
        origin.on(f"{UPLOAD}/batches/{number}", told({"number": number, "files": 1, "bytes": 1}))
    origin.on(f"{UPLOAD}/finish", told(job(kind="import", result=made)))
    return origin


def kept(tmp_path: Path) -> list[Path]:
    """Returns what the command remembers."""
    return list((tmp_path / "home").rglob("*.json"))


def test_a_folder_is_sent_in_batches_and_what_was_refused_is_named(
    server: Origin, command: Loupe, pets: Path, tmp_path: Path
) -> None:
    ran = command("datasets", "import", "pets", pets, "--seed", 7)

    assert ran.code == 0
    assert ran.out.split("\t")[:3] == [JOB_ID, "import", "succeeded"]
    assert "2 files were sent (0.0 MiB), and 1 were too large." in ran.err
    assert "pets@3f2a. Refused: 7 (not_an_image 6, too_large 1): cat/0.txt, " in ran.err
    assert "cat/4.txt and 2 more; --json has the reason of each." in ran.err
    bodies = {request.path: request.body for request in server.requests}
    assert bodies[UPLOADS] == b'{"name": "pets", "seed": 7, "batches": 3}'
    assert b'name="file"; filename="cat/1.png"' in bodies[f"{UPLOAD}/batches/0"]
    assert b'[{"file": "cat/2.png", "bytes": 101}]' in bodies[f"{UPLOAD}/batches/1"]
    assert b"filename" not in bodies[f"{UPLOAD}/batches/1"]
    assert kept(tmp_path) == []


def test_a_batch_whose_connection_breaks_is_sent_again_alone(server: Origin, command: Loupe, pets: Path) -> None:
    path = f"{UPLOAD}/batches/1"
    server.on(path, in_turn(reset_mid_body(), told({"number": 1, "files": 1, "bytes": 1})))

    assert command("datasets", "import", "pets", pets, "-q").out == f"{JOB_ID}\n"

    assert server.hits() == {
        UPLOADS: 1,
        UPLOAD: 1,
        f"{UPLOAD}/batches/0": 1,
        path: 2,
        f"{UPLOAD}/batches/2": 1,
        f"{UPLOAD}/finish": 1,
    }


def test_the_same_command_goes_on_where_it_was(server: Origin, command: Loupe, pets: Path, tmp_path: Path) -> None:
    server.on(f"{UPLOAD}/batches/2", problem(409, "storage_full"))
    broken = command("datasets", "import", "pets", pets)
    assert broken.code == 1
    assert "the same command goes on with it" in broken.err
    assert len(kept(tmp_path)) == 1
    server.requests.clear()
    server.on(UPLOAD, in_turn(told(upload(2, files=2)), told(upload())))
    server.on(f"{UPLOAD}/batches/2", told({"number": 2, "files": 1, "bytes": 1}))

    ran = command("datasets", "import", "pets", pets)

    assert ran.code == 0
    assert "Going on: 2 of 3 files have arrived before." in ran.err
    assert server.hits() == {UPLOAD: 2, f"{UPLOAD}/batches/2": 1, f"{UPLOAD}/finish": 1}


def test_where_there_is_no_terminal_a_line_now_and_then_says_how_far_it_is(
    server: Origin, command: Loupe, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loupe.cli.meter.SAY_EVERY_S", 0.0)

    said = command("datasets", "import", "pets", pets).err.splitlines()

    assert said[0] == f"{pets}: 0 of 3 files."
    assert re.fullmatch(r".*/pets: 2 of 3 files, about \d+ s left\.", said[2])
    assert re.fullmatch(r".*/pets: 3 of 3 files, [\d,.]+ a second\.", said[3])


@pytest.mark.parametrize("gone", [True, False])
def test_an_upload_that_is_gone_or_no_longer_right_is_begun_anew(
    server: Origin, command: Loupe, pets: Path, *, gone: bool
) -> None:
    server.on(f"{UPLOAD}/finish", problem(409, "queue_full"))
    assert command("datasets", "import", "pets", pets).code == 1
    server.requests.clear()
    if gone:
        server.on(UPLOAD, in_turn(problem(404, "upload_not_found"), told(upload())))
    else:
        (pets / "dog" / "4.png").touch()
    server.on(f"{UPLOAD}/finish", told(job(kind="import")))

    assert command("datasets", "import", "pets", pets, "--no-wait").code == 0

    assert (server.requests[0].method, server.requests[0].path) == ("GET" if gone else "DELETE", UPLOAD)
    assert server.hits()[UPLOADS] == 1


def test_a_home_that_cannot_be_written_to_is_no_reason_not_to_send(
    server: Origin, command: Loupe, pets: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").touch()

    assert command("datasets", "import", "pets", pets).code == 0


def test_a_folder_without_classes_is_not_sent(origin: Origin, command: Loupe, pets: Path) -> None:
    ran = command("datasets", "import", "pets", pets / "cat")

    assert (ran.code, origin.requests) == (3, [])
    assert "each subfolder is a class" in ran.err
