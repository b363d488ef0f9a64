"""The import of a model trained elsewhere, top to bottom: find, check, load, try, evaluate, judge, publish."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import Any

from shared.datasets.paths import found
from shared.errors import ModelRefused
from shared.registry import Manifest, Origin, Registry
from shared.storage import Storage, disk_error
from trainer.child.finish import finish
from trainer.children.events import DECODING, Events
from trainer.children.stop import StopFlag, Stopped
from trainer.datasets.version import open_version
from trainer.evaluation.load import load_model
from trainer.evaluation.predict import BATCH
from trainer.model_import.archive import MOST_BYTES
from trainer.model_import.check import check_answers, check_shapes, first_line
from trainer.model_import.file import check_file
from trainer.model_import.pictures import labelled
from trainer.model_import.room import room_for
from trainer.model_import.spec import ModelImportSpec
from trainer.publishing.publish import NewVersion

# Enough pictures to see whether a model answers with probabilities.
TRIED = 8
# What loading may take: TensorFlow itself, and some copies of the weights.
LOADING_BYTES, LOADING_COPIES = 4 * 2**30, 8


def work(given: bytes, events: Events, stop: StopFlag) -> dict[str, Any]:
    """Does the import that a spec in JSON asks for; returns the version that it made."""
    manifest = take(ModelImportSpec.model_validate_json(given), events, stop)
    return {"name": manifest.name, "version": manifest.version}


def take(spec: ModelImportSpec, events: Events, stop: StopFlag) -> Manifest:
    """Makes a version of a model from a `.keras` file of the import folder.

    Raises:
        Stopped: it was told to stop; nothing is published.
        LoupeError: what is wrong, in words for the user.
    """
    storage = Storage(spec.storage_url)
    fetching = partial(events.waiting, "fetching the dataset")
    version = open_version(storage, spec.dataset.name, spec.dataset.version, fetching=fetching)
    version.fetch()
    # A wait and no progress: what follows a batch of pictures may have to compile, and says nothing meanwhile.
    pictures = labelled(version, spec, partial(events.waiting, DECODING))
    count = len(pictures.sides.test)
    events.progress(now=True, phase="preparing", total=count)
    done = 0

    def advanced() -> None:
        nonlocal done
        stop.check()
        done = min(count, done + BATCH)
        events.progress(done=done)

    with tempfile.TemporaryDirectory(prefix="loupe-") as folder:
        # A copy, so that what was checked is what is loaded.
        copy = Path(folder, "model.keras")
        origin = Origin(path=spec.path, sha256=_copied(found(Path(spec.import_dir), spec.path), copy))
        model = _loaded(copy, events, stop)
    check_shapes(model, spec.labels, spec.input)
    events.waiting("trying the model")
    check_answers(model, pictures.inputs_at(pictures.sides.test[:TRIED]), spec.input)
    return finish(
        Registry(storage),
        _new_version(spec, model, origin),
        model,
        pictures,
        gate=spec.gate,
        policy=spec.promote,
        events=events,
        advanced=advanced,
    )


def _copied(path: Path, copy: Path) -> str:
    """Copies the file and returns its SHA-256."""
    if not path.is_file():
        raise ModelRefused(f"Expected a .keras file at {path.name!a}, received a folder or something else.")
    size, most = path.stat().st_size, sum(MOST_BYTES.values())
    if size > most:
        raise ModelRefused(f"Expected a .keras file of at most {most} bytes, received {size}.")
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        raise disk_error(f"copying {path.name!a}", error) from error
    with copy.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _loaded(path: Path, events: Events, stop: StopFlag) -> Any:
    events.waiting("checking the model")
    size = check_file(path)
    events.waiting("loading the model")
    try:
        with stop.at_once(), room_for(LOADING_BYTES + LOADING_COPIES * size):
            return load_model(path)
    except Stopped:
        raise
    except Exception as error:
        raise ModelRefused(f"Keras cannot load the model in safe mode: {first_line(error)}") from error


def _new_version(spec: ModelImportSpec, model: Any, origin: Origin) -> NewVersion:
    return NewVersion(
        name=spec.model,
        version=spec.version,
        job_id=spec.job_id,
        recipe=None,
        params={},
        seed=None,
        dataset=spec.dataset,
        activation="sigmoid" if model.outputs[0].shape[1] == 1 else "softmax",
        input=spec.input,
        origin=origin,
    )
