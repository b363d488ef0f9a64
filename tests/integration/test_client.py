"""The command line and the client against a running Loupe, as a user has them."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from loupe import Client, ItemFailed, NotFound
from shared.storage import Storage
from shared.uploads import Uploads
from tests.support import pictures
from tests.support.launched import wait_until
from tests.support.loupe import ROOT, RunningLoupe
from tests.support.origins import Origin, serve, slow, status
from tests.support.plain_shapes import LABELS, plain_shape

pytestmark = pytest.mark.processes

SOURCE = ROOT / "client"
LONG_LIST = 300
# Each picture is a batch of its own.
LONG_FOLDER = 399


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with eight pictures of each shape, a subfolder a class."""
    folder, rng = tmp_path_factory.mktemp("pictures") / "forms", np.random.default_rng(7)
    for label in LABELS:
        (folder / label).mkdir(parents=True)
        for number in range(8):
            data = pictures.encode(".png", plain_shape(label, rng))
            (folder / label / f"{number}.png").write_bytes(data)
    return folder


@pytest.fixture
def client(loupe: RunningLoupe) -> Iterator[Client]:
    with Client(loupe.base_url) as client:
        yield client


@pytest.fixture
def origin(shapes: Path) -> Iterator[Origin]:
    """A host with a long list of pictures, each of which takes a moment, and one that is missing."""
    files = sorted(shapes.rglob("*.png"))
    with Origin() as origin:
        for number in range(LONG_LIST):
            origin.on(f"/{number}.png", slow(0.1, serve(files[number % len(files)].read_bytes())))
        origin.on("/7.png", status(404))
        yield origin


def write_list(origin: Origin, path: Path) -> Path:
    path.write_text("id,url\n" + "".join(f"n{n},{origin.url(f'/{n}.png')}\n" for n in range(LONG_LIST)))
    return path


def many_pictures(folder: Path) -> Path:
    """A folder with pictures of two classes, each of another color, and a file that is none."""
    for number in range(LONG_FOLDER):
        color = np.full((4, 4, 3), (number % 256, number // 256, 7), np.uint8)
        file = folder / ("plain" if number % 2 else "blank") / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pictures.encode(".png", color))
    (folder / "blank" / "notes.txt").write_text("no picture")
    return folder


def start(loupe: RunningLoupe, *arguments: object) -> subprocess.Popen[str]:
    """Starts the command in a process of its own."""
    own = {"PYTHONPATH": str(SOURCE / "src"), "LOUPE_URL": loupe.base_url, "HOME": str(loupe.data_dir.parent)}
    environment = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"} | own
    line = [sys.executable, "-m", "loupe", *map(str, arguments)]
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ran(loupe: RunningLoupe, *arguments: object) -> tuple[int, str, str]:
    """Runs the command and returns its exit code and what it wrote."""
    with start(loupe, *arguments) as process:
        out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def test_pictures_are_answered_in_the_order_they_were_given(loupe: RunningLoupe, shapes: Path) -> None:
    with Origin() as origin:
        origin.on("/star.png", serve((shapes / "star" / "0.png").read_bytes()))
        given = [
            shapes / "square" / "0.png",
            origin.url("/star.png"),
            origin.url("/no.png"),
            shapes / "circle" / "0.png",
        ]
        code, out, err = ran(loupe, "classify", "--json", *given)

    items = [json.loads(line) for line in out.splitlines()]
    assert code == 5
    assert [item["index"] for item in items] == [0, 1, 2, 3]
    assert [item["label"] for item in items] == ["square", "star", None, "circle"]
    assert [item["url"] for item in items] == [None, given[1], given[2], None]
    assert items[2]["error"]["code"] == "http_status"
    assert "(http_status)" in err


def test_a_list_that_is_killed_at_half_goes_on_and_ends_as_if_nothing_had_been(
    loupe: RunningLoupe, origin: Origin, tmp_path: Path
) -> None:
    urls, target, whole = write_list(origin, tmp_path / "urls.csv"), tmp_path / "results.csv", tmp_path / "whole.csv"
    with start(loupe, "batch", urls, "-o", target) as killed:
        wait_until(lambda: len(origin.requests) > LONG_LIST / 2, 60, "half of the list")
        killed.send_signal(signal.SIGKILL)
    assert not target.exists()

    code, _, err = ran(loupe, "batch", urls, "-o", target)

    assert (code, "Going on with job" in err) == (5, True)
    assert len(origin.requests) <= 1.01 * LONG_LIST
    assert [path.name for path in tmp_path.iterdir() if "results" in path.name] == ["results.csv"]
    # Without being killed it is the same, to the byte
    assert ran(loupe, "batch", urls, "-o", whole)[0] == 5
    assert target.read_bytes() == whole.read_bytes()
    rows = list(csv.DictReader(whole.read_text().splitlines()))
    assert [row["id"] for row in rows] == [f"n{n}" for n in range(LONG_LIST)]
    assert [row["index"] for row in rows if row["status"] == "failed"] == ["7"]


def test_a_server_that_is_killed_under_a_watched_list_is_waited_for(
    loupe: RunningLoupe, origin: Origin, tmp_path: Path
) -> None:
    with start(loupe, "batch", write_list(origin, tmp_path / "urls.csv"), "-o", tmp_path / "results.csv") as watching:
        wait_until(lambda: len(origin.requests) > LONG_LIST / 3, 60, "a third of the list")
        os.kill(loupe.pid("api.wsgi"), signal.SIGKILL)
        _, err = watching.communicate(timeout=120)

    assert watching.returncode == 5, err
    assert len((tmp_path / "results.csv").read_text().splitlines()) == LONG_LIST + 1


def test_a_folder_goes_on_after_a_killed_command_and_a_killed_server(loupe: RunningLoupe, tmp_path: Path) -> None:
    uploads, folder = Uploads(Storage(str(loupe.data_dir / "storage"))), many_pictures(tmp_path / "sketches")
    before = set(uploads.ids())

    def arrived() -> int:
        mine = set(uploads.ids()) - before
        return sum(batch.files for upload in mine for batch in uploads.arrived(upload).values())

    with start(loupe, "datasets", "import", "sketches", folder) as killed:
        wait_until(lambda: arrived() > LONG_FOLDER / 3, 60, "a third of the folder")
        killed.kill()
    kept = arrived()
    with start(loupe, "datasets", "import", "sketches", folder, "--json") as second:
        wait_until(lambda: arrived() > LONG_FOLDER * 2 / 3, 60, "two thirds of the folder")
        os.kill(loupe.pid("api.wsgi"), signal.SIGKILL)
        out, err = second.communicate(timeout=120)

    assert second.returncode == 0, err
    # What had arrived is not sent again
    assert kept < LONG_FOLDER
    assert int(err.partition("Going on: ")[2].partition(" ")[0]) >= kept
    report = json.loads(out)["result"]["report"]
    assert (report["total"], report["refused_codes"]) == (LONG_FOLDER, {"not_an_image": 1})
    assert "Refused: 1 (not_an_image 1): blank/notes.txt" in err


def test_the_client_does_what_the_command_does(client: Client, shapes: Path, origin: Origin) -> None:
    star = shapes / "star" / "1.png"
    assert client.classify(star).label == client.classify(star.read_bytes()).label == "star"
    assert client.ready().ready
    with pytest.raises(ItemFailed, match="404"):
        client.classify(origin.url("/7.png"))
    with pytest.raises(NotFound):
        client.models.get("nobody")

    job = client.jobs.wait(client.classify_urls([origin.url(f"/{n}.png") for n in range(6, 9)]), 60)
    assert [item.succeeded for item in client.jobs.results(job)] == [True, False, True]
    assert [item.index for item in client.jobs.results(job, status="failed")] == [1]
    assert next(client.jobs.all(kind="classification")).id == job.id
    assert len(list(client.trainings.recipes())) == 8


@pytest.mark.tensorflow
def test_from_a_folder_to_a_model_that_answers(loupe: RunningLoupe, shapes: Path) -> None:
    code, out, err = ran(loupe, "datasets", "import", "forms", shapes)
    assert (code, out.split("\t")[1:3]) == (0, ["import", "succeeded"]), err
    assert "forms\t" in ran(loupe, "datasets")[1]

    code, out, err = ran(
        loupe, "train", "forms", "--recipe", "shapes", "-p", "epochs=1", "--promote", "never", "--json"
    )
    assert code == 0, err
    assert json.loads(out)["result"]["model"] == {"name": "forms", "version": 1}
    assert "succeeded: forms@1" in err

    assert ran(loupe, "promote", "forms@1", "-q") == (0, "forms\n", "")
    wait_until(lambda: ran(loupe, "classify", "-m", "forms", shapes / "star" / "2.png")[0] == 0, 60, "an answer")
    assert ran(loupe, "models", "forms", "-q") == (0, "forms@1\n", "")

    created = ran(loupe, "schedules", "create", "forms", "0 3 * * 1", "forms", "--recipe", "shapes")
    assert created[0] == 0, created[2]
    assert ran(loupe, "schedules", "pause", "forms", "-q") == (0, "forms\n", "")
    assert "paused" in ran(loupe, "schedules")[1]
    assert ran(loupe, "schedules", "delete", "forms", "-q") == (0, "forms\n", "")


def install(python: Path, source: Path) -> None:
    """Installs with uv, which is fast, or with pip, where only that is told of the package index."""
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--python", str(python), str(source)]
    if subprocess.run(uv, timeout=240, check=False).returncode != 0:
        subprocess.run([python, "-m", "pip", "install", "--quiet", source], timeout=240, check=True)


@pytest.mark.timeout(600, func_only=True)
def test_it_installs_alone_and_classifies_a_folder(loupe: RunningLoupe, shapes: Path, tmp_path: Path) -> None:
    # A copy, so that nothing can lean on what is around it
    source = shutil.copytree(SOURCE, tmp_path / "client")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True, timeout=120)
    python = tmp_path / "venv" / "bin" / "python"
    install(python, source)
    environment = {"LOUPE_URL": loupe.base_url, "PATH": "/usr/bin:/bin"}

    line = [str(python.with_name("loupe")), "classify", str(shapes)]
    run = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120, check=False)

    answers = [line.split("\t")[:2] for line in run.stdout.splitlines()]
    assert (run.returncode, run.stderr, len(answers)) == (0, "", 32)
    assert sum(Path(name).parent.name == label for name, label in answers) >= 30
    assert {path.name for path in source.iterdir()} == {"README.md", "pyproject.toml", "src"}
