"""Every command and code block of the README and of the tutorial, run as it stands there against a real Loupe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.loupe import ROOT, RunningLoupe
from tests.support.origins import Origin, serve
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

# What other tests do, and who: running it here would start all of them again.
ELSEWHERE = {
    "make run": "the fixture `loupe` is what it starts; tests/integration/test_launch.py",
    "make test": "this run",
    "pip install ./client": "tests/integration/test_client.py, in an environment of its own",
}
# The model and the dataset get a name that no other test has.
NAME = "documented-pets"


def blocks(name: str) -> list[tuple[str, str]]:
    """Returns the language and the text of each fenced block of a document."""
    text = (ROOT / name).read_text("utf-8")
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folder(loupe: RunningLoupe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the reader of the documents has: pictures, a folder of them, and the command `loupe`."""
    made = tmp_path_factory.mktemp("reader")
    rng = np.random.default_rng(2)
    (made / "star.png").write_bytes(encode(".png", plain_shape("star", rng)))
    (made / "holiday").mkdir()
    (made / "holiday" / "1.png").write_bytes(encode(".png", plain_shape("circle", rng)))
    for label, first, shape in (("cat", "tom", "star"), ("dog", "rex", "circle")):
        for parent in (made / NAME / label, loupe.data_dir / "import" / NAME / label):
            parent.mkdir(parents=True)
            for number in range(20):
                picture = encode(".jpg", plain_shape(shape, rng))
                (parent / f"{number or first}.jpg").write_bytes(picture)
    command = made / "bin" / "loupe"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m loupe "$@"\n')
    command.chmod(0o755)
    return made


@pytest.fixture(scope="module")
def picture_url(folder: Path) -> Iterator[str]:
    with Origin() as origin:
        origin.on("/star.png", serve((folder / "star.png").read_bytes()))
        yield origin.url("/star.png")


def run(language: str, text: str, folder: Path, loupe: RunningLoupe, picture_url: str) -> str:
    """Runs a block, with this machine's addresses in the place of the documents', and returns what it prints."""
    text = text.replace("http://127.0.0.1:8000", loupe.base_url).replace("https://example.org/star.png", picture_url)
    text = re.sub(r"\bpets\b", NAME, text)
    environment = os.environ | {
        "LOUPE_URL": loupe.base_url,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "client" / "src"),
    }
    line = {"sh": ["sh", "-euc", text], "python": [sys.executable, "-c", text]}[language]
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commands(name: str) -> list[tuple[str, str]]:
    return [(language, text) for language, text in blocks(name) if text.strip() not in ELSEWHERE and language != "text"]


def test_the_readme_says_what_works(loupe: RunningLoupe, folder: Path, picture_url: str) -> None:
    said = [run(language, text, folder, loupe, picture_url) for language, text in commands("README.md")]

    assert len(said) == 5
    assert all('"label":"star"' in answer.replace(" ", "") for answer in said[:2])
    assert said[2].count("star") >= 2
    assert '"succeeded"' in said[3]
    # A whole training of the recipe takes longer than a test may; that it was accepted is what the command does.
    job_id = re.findall(r'"id":\s*"([0-9a-f-]{36})"', said[4])[0]
    assert loupe.post(f"/api/v1/jobs/{job_id}/cancel").status_code == 202
    assert loupe.wait_job(job_id, 120)["status"] == "canceled"


def test_the_tutorial_leads_to_a_model_of_one_s_own(loupe: RunningLoupe, folder: Path, picture_url: str) -> None:
    said = [run(language, text, folder, loupe, picture_url) for language, text in commands("docs/tutorial.md")]

    assert len(said) == 8
    assert NAME in said[2]
    assert re.search(r"\b(cat|dog)\b", said[4])
    assert '"status":"succeeded"' in said[5].replace(" ", "")
    assert len(said[6].splitlines()) == 2
    assert loupe.get(f"/api/v1/models/{NAME}").json()["served_version"] == 1
