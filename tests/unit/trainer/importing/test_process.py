"""Imports as jobs: in a process of their own, under a lease, on a real Redis."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared import ids
from shared.datasets import DatasetStore
from shared.errors import BadSource
from shared.jobs.lost import crashed_outcome
from shared.jobs.model import Job, Kind, NewJob, NewUnit, Queue, Status
from shared.jobs.runner import Runner
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.settings import Settings
from shared.storage import Storage
from tests.support.archives import PETS, UPLOAD, zipped
from tests.support.imports import Imports, fill
from tests.support.origins import Origin
from tests.support.s3 import S3Server
from trainer.children.listen import ChildStopped
from trainer.importing.run import run_import
from trainer.importing.unit import ImportWork

ROOT = Path(__file__).parents[4]
SHAPES = {"type": "generated", "name": "shapes", "count": 100}


class World:
    """A trainer's part of the work, without its process."""

    def __init__(self, redis: Redis, imports: Imports, tmp_path: Path) -> None:
        self.imports = imports
        self.jobs = JobStore(redis, ttl_s=600, max_queued_items=100)
        units = UnitStore(redis)
        settings = Settings(
            data_dir=tmp_path / "var",
            storage_url=imports.storage_url,
            import_dir=imports.folder,
            fetch_allow="127.0.0.0/8",
            fetch_timeout_s=5,
        )
        self.work = ImportWork(settings, imports.storage, units)
        self.runner = Runner(units, crashed=lambda claim: crashed_outcome(imports.storage, claim))

    def create(self, source: dict[str, Any], name: str = "pets") -> str:
        """Creates an import as the API does."""
        spec = {"name": name, "source": source, "test_fraction": 0.2, "seed": 0}
        return self.jobs.create(NewJob(ids.new_id(), Kind.IMPORT, Queue.TRAIN, [NewUnit({})], spec, total=0)).job.id

    def run(self, job_id: str) -> Job:
        """Runs a job to its end."""
        self.runner.run(f"{job_id}:0", self.work)
        return self.jobs.get(job_id)


@pytest.fixture
def world(redis: Redis, imports: Imports, tmp_path: Path) -> World:
    return World(redis, imports, tmp_path)


def test_an_import_is_a_job_with_progress_and_a_result(world: World) -> None:
    job = world.run(world.create(SHAPES, "shapes"))

    assert (job.status, job.error) == (Status.SUCCEEDED, None)
    assert {name: job.progress[name] for name in ("done", "failed", "total")} == {
        "done": 100,
        "failed": 0,
        "total": 100,
    }
    assert job.result is not None
    assert job.result["created"] is True
    assert job.result["dataset"]["name"] == "shapes"
    assert job.result["report"]["counts"]["star"] == {"train": 20, "test": 5}
    assert world.work.doing == "idle"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({"type": "directory", "path": "nowhere"}, "source_not_found"),
        ({"type": "directory", "path": "../out"}, "path_not_allowed"),
        ({"type": "directory", "path": "one"}, "one_class"),
        ({"type": "directory", "path": "two"}, "too_few_pictures"),
        ({"type": "directory", "path": "empty"}, "empty_class"),
        ({"type": "urls", "path": "two"}, "bad_source"),
        ({"type": "archive", "upload": "jobs/x/uploads/0", "filename": "a.zip"}, "source_not_found"),
    ],
)
def test_what_is_wrong_is_the_job_s_error(world: World, source: dict[str, Any], code: str) -> None:
    fill(world.imports.folder / "one", {"cat": 5})
    fill(world.imports.folder / "two", {"cat": 1, "dog": 1})
    fill(world.imports.folder / "empty", {"cat": 5, "dog": 5, "bird": 0})

    job = world.run(world.create(source))

    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error["code"] == code
    assert len(job.error["message"]) > 30
    assert DatasetStore(world.imports.storage).names() == []


def test_a_canceled_import_stops_soon_and_leaves_no_version(world: World) -> None:
    """Also while it waits for a host that says nothing."""
    with Origin() as origin:
        origin.on("/slow", lambda exchange: exchange.wait(60))
        lines = [f"{origin.url('/slow')}?{n},{('cat', 'dog')[n % 2]}" for n in range(50)]
        (world.imports.folder / "list.csv").write_text("\n".join(["url,label", *lines]))
        job_id = world.create({"type": "urls", "path": "list.csv"})
        thread = threading.Thread(target=world.run, args=[job_id])
        thread.start()
        deadline = time.monotonic() + 30
        while world.jobs.get(job_id).progress["total"] == 0:
            assert time.monotonic() < deadline, "the import has not begun"
            time.sleep(0.05)
        canceled = time.monotonic()
        world.jobs.cancel(job_id)
        world.runner.keeper.renew()
        thread.join(20)
    job = world.jobs.get(job_id)
    assert job.status is Status.CANCELED
    assert time.monotonic() - canceled < 10
    assert DatasetStore(world.imports.storage).names() == []


def test_an_archive_stays_with_its_job_until_it_is_imported(world: World) -> None:
    world.imports.storage.write_bytes(UPLOAD, zipped(PETS))
    job = world.run(world.create({"type": "archive", "upload": UPLOAD, "filename": "pets.zip"}))
    assert job.status is Status.SUCCEEDED
    assert not world.imports.storage.exists(UPLOAD)


def test_the_parent_hears_of_progress_and_may_stop(imports: Imports) -> None:
    heard: list[dict[str, Any]] = []
    spec = imports.spec({**SHAPES, "count": 100_000}, "shapes")
    with pytest.raises(ChildStopped):
        run_import(spec, on_event=heard.append, wish=lambda: "stop" if len(heard) > 3 else "")
    assert [event["event"] for event in heard[:3]] == ["waiting", "waiting", "progress"]
    assert heard[2]["total"] == 100_000
    assert DatasetStore(imports.storage).names() == []


def test_the_parent_raises_what_the_child_found_wrong(imports: Imports) -> None:
    (imports.folder / "pets").mkdir()
    with pytest.raises(BadSource, match="has no folders in it"):
        run_import(imports.spec({"type": "directory", "path": "pets"}), on_event=lambda _: None, wish=lambda: "")


def test_copies_of_remote_files_go_with_the_process(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which ends without waiting for its threads, and so without clearing up."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with S3Server() as server:
        for name, value in {**server.environment, "TMPDIR": str(temporary)}.items():
            monkeypatch.setenv(name, value)
        url = server.new_url()
        Storage(url).write_bytes(UPLOAD, zipped(PETS))
        source = {"type": "archive", "upload": UPLOAD, "filename": "pets.zip"}
        assert run_import(imports.spec(source, storage_url=url), on_event=lambda _: None, wish=lambda: "")["created"]
    assert list(temporary.iterdir()) == []


def test_fetching_is_announced_to_the_lease(imports: Imports) -> None:
    with Origin() as origin:
        origin.on("/slow", lambda exchange: exchange.wait(60))
        lines = [f"{origin.url('/slow')}?{n},{('cat', 'dog')[n % 2]}" for n in range(4)]
        (imports.folder / "list.csv").write_text("\n".join(["url,label", *lines]))
        with pytest.raises(Exception, match="4 were refused"):
            imports.run({"type": "urls", "path": "list.csv"})
    waiting = [said for said in imports.said if said["event"] == "waiting"]
    assert waiting
    assert all(said["seconds"] > 2 for said in waiting)


def test_the_import_process_loads_no_tensorflow() -> None:
    """Importing TensorFlow alone would take half a gigabyte."""
    code = (
        "import sys, trainer.importing.work as work\n"
        "from trainer.datasets.source import sources\n"
        "print(sources.names())\n"
        "print(sorted({'tensorflow', 'keras', 'matplotlib', 'onnxruntime', 'flask', 'celery'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    names, heavy = run.stdout.splitlines()
    assert names == "['archive', 'directory', 'filenames', 'generated', 'idx', 'pixels-csv', 'upload', 'urls']"
    assert heavy == "[]"
