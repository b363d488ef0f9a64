"""Three Loupes for tests that look at every page: an empty one, a busy one, and one where everything went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, url_for

from shared import errors, ids, items
from shared.datasets import DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.datasets.pictures import content_hashes
from shared.datasets.report import Refused
from shared.items import ItemInput
from shared.jobs.model import Job, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.webhooks import Try, WebhookStore
from shared.registry import ChangedLabel, Dataset, LabelChanges, Manifest
from shared.schedules.record import Run
from shared.shadow import Agreements, Pair
from tests.support.manifests import refused_verdict, toy_manifest
from tests.support.page_world import PageWorld
from tests.support.pictures import encode, photo
from tests.support.schedule_world import toy_schedule
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version

# What stands in the places of a path, such as <name>, by the path's first part.
Places = Mapping[str, Sequence[Mapping[str, Any]]]

# Queries that make a page another one.
QUERIES = {"pages_datasets.datasets_page": ("?from=upload",)}
LABELS = ("cat", "dog")
SCORES = {"star": 0.972, "square": 0.02, "circle": 0.008}
UNSURE = {"star": 0.41, "square": 0.39, "circle": 0.2}
PICTURE = encode(".webp", photo(64, 48))
LONG = "https://shop.example/" + "a-long-folder-name/" * 8 + "picture.jpg"
CHANGES = LabelChanges(
    version=1,
    dataset="aaaabbbbcccc",
    relabelled=1,
    excluded=1,
    pictures=[
        ChangedLabel(index=0, file=LONG, was="cat", label="dog"),
        ChangedLabel(index=None, file="cat/1.jpg", was="cat", label=None),
    ],
)
HOOK = "https://hooks.example/loupe/and/a/long/path/that/does/not/end/soon"


@dataclass(frozen=True)
class PagePath:
    """A page to look at.

    Attributes:
        endpoint: the view that makes it.
        takes_form: whether a form is sent to the same path.
    """

    path: str
    endpoint: str
    takes_form: bool


def every_page(app: Flask, places: Places) -> Iterator[PagePath]:
    """Yields every page that the app has, so that a new one is among them, once for each of its places."""
    rules = list(app.url_map.iter_rules())
    forms = {rule.rule for rule in rules if "POST" in (rule.methods or ())}
    with app.test_request_context():
        for rule in rules:
            if "GET" not in (rule.methods or ()) or not _is_page(rule.endpoint):
                continue
            first = rule.rule.split("/")[1]
            for values in places[first] if rule.arguments else [{}]:
                path = url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
                for query in ("", *QUERIES.get(rule.endpoint, ())):
                    yield PagePath(path + query, rule.endpoint, rule.rule in forms)


def _is_page(endpoint: str) -> bool:
    # The samples are pictures.
    return endpoint == "docs.docs" or (endpoint.startswith("pages_") and endpoint != "pages_samples.sample")


def empty(world: PageWorld) -> Places:
    """Leaves everything empty; the places lead to pages that say so."""
    return {
        "jobs": [{"job_id": ids.new_id()}],
        "datasets": [{"name": "nothing"}],
        "models": [{"name": "nothing", "version": 1}],
        "schedules": [{"name": "nothing"}],
    }


def busy(world: PageWorld) -> Places:
    """Fills everything, with work that waits, runs and has ended well."""
    world.publish()
    _two_versions(world)
    world.dataset("flowers", "aaaabbbbcccc")
    _schedules(world, _running_training(world))
    return {
        "jobs": [{"job_id": job_id} for job_id in _jobs_that_go_well(world)],
        "datasets": [{"name": "pets"}, {"name": "flowers"}],
        "models": [{"name": "pets", "version": 2}, {"name": "pets", "version": 1}],
        "schedules": [{"name": "weekly"}],
    }


def failed(world: PageWorld) -> Places:
    """Fills everything with failures; one model stays, or no form could be sent wrongly."""
    world.publish()
    world.publish(version=2, serve=False, gate=refused_verdict())
    refused = [Refused(file=f"{LONG}-{n}", code="label_conflict", message="It is a cat and a dog.") for n in range(3)]
    world.dataset("flowers", "aaaabbbbcccc", refused=refused, refused_count=3, refused_codes={"label_conflict": 3})
    toy_version(world.storage)
    runs = [_run(outcome="failed", detail="No dataset is there any more."), _run(outcome="skipped_overlap")]
    world.schedules.create(toy_schedule(dealt_until=time.time(), runs=runs))
    return {
        "jobs": [{"job_id": job_id} for job_id in _jobs_that_fail(world)],
        "datasets": [{"name": "flowers"}],
        "models": [{"name": "shapes", "version": 2}],
        "schedules": [{"name": "weekly"}],
    }


STATES: Mapping[str, Callable[[PageWorld], Places]] = {"empty": empty, "busy": busy, "failed": failed}


def _two_versions(world: PageWorld) -> None:
    """Publishes two versions of pets that know what they said to each test picture, the second one in shadow."""
    dataset = toy_version(world.storage)
    version = open_version(world.storage, "pets")
    for number, wrong in ((1, {0, 1, 4}), (2, {1, 5})):
        lines = ["index,true,said,score"]
        for count, place in enumerate(version.test.tolist()):
            true = int(version.labels[place])
            lines.append(f"{place},{true},{1 - true if count in wrong else true},0.9")
        manifest: Manifest = toy_manifest("pets", number, LABELS).model_copy(
            update={
                "dataset": Dataset(name="pets", version=dataset.version),
                "confusion": [[2, 2], [1, 3]],
                "label_changes": CHANGES if number == 2 else None,
            }
        )
        world.registry.publish(manifest, {"answers.csv": "\n".join(lines).encode()})
    _corrections(world, dataset.version)
    world.registry.promote("pets", 1)
    world.registry.put_in_shadow("pets", 2, 0.1)
    Agreements(world.redis).count(Pair("pets", 1, 2), [("cat", "cat"), ("cat", "dog"), ("dog", "dog")])


def _corrections(world: PageWorld, version: str) -> None:
    """Relabels one of the test pictures and leaves another one out."""
    store = DatasetStore(world.storage)
    hashes = content_hashes(store, "pets", version)
    for place, label in ((0, "dog"), (1, None), (20, "cat")):
        one = Correction(sha256=hashes[place], file=LONG, was="cat", label=label, at=datetime.now(UTC))
        Corrections(world.storage, "pets").put(one)


def _running_training(world: PageWorld) -> str:
    job_id = world.training()
    epochs = [_epoch(number) for number in (1, 2, 3)]
    world.start(job_id, {"done": 30, "total": 120, "epoch": 3, "epochs": 12, "eta_s": 90, "history": epochs})
    return job_id


def _epoch(number: int) -> dict[str, Any]:
    right = 0.5 + number / 10
    accuracies = {"accuracy": right, "val_accuracy": right - 0.05}
    return {"epoch": number, "loss": 0.4, "val_loss": 0.5, "learning_rate": 0.001, "seconds": 2.5} | accuracies


def _jobs_that_go_well(world: PageWorld) -> list[str]:
    training = world.training()
    world.start(training)
    world.finish_training(training)
    running_import = world.importing("flowers")
    world.start(running_import, {"done": 40, "total": 100, "failed": 2})
    ended_import = world.importing()
    world.start(ended_import)
    world.finish_import(ended_import, "pets", "3f2a90b1c4d5")
    sure, unsure = world.single(), world.single(url=LONG)
    world.answer(sure, SCORES, PICTURE)
    world.answer(unsure, UNSURE)
    waiting = [world.single(), world.listing(500), world.listing(300), world.training(), world.model_import("a.keras")]
    return [training, running_import, ended_import, sure, unsure, *waiting, _ended_list(world), _running_list(world)]


def _ended_list(world: PageWorld) -> str:
    job_id = world.listing(60)
    found = [world.item(job_id, SCORES, index=index, url=f"{LONG}?{index}", id=f"mine-{index}") for index in range(58)]
    found.append(world.item(job_id, UNSURE, index=58, url="http://shop.example/58.jpg"))
    asked = ItemInput(index=59, url="http://shop.example/59.jpg")
    world.finish_list(job_id, [*found, items.failed(asked, errors.HttpStatus("The host answered 404."))])
    return job_id


def _running_list(world: PageWorld) -> str:
    job_id = world.listing(200)
    world.start(job_id)
    return job_id


def _schedules(world: PageWorld, training: str) -> None:
    dataset = f"pets@{open_version(world.storage, 'pets').manifest.version}"
    runs = [
        Run(at=time.time() - 60, dataset=dataset, job=training),
        _run(outcome="ran", dataset=dataset, added=38, removed=2, version=2, promoted=False),
        _run(outcome="ran", dataset=dataset, added=40, removed=0, version=1, promoted=True),
    ]
    world.schedules.create(toy_schedule(dealt_until=time.time(), runs=runs, last_job=training))
    world.schedules.create(toy_schedule("paused", dealt_until=time.time(), paused=True))


def _run(**changes: Any) -> Run:
    at = time.time() - 7200
    return Run.model_validate({"at": at, "due_at": at} | changes)


def _jobs_that_fail(world: PageWorld) -> list[str]:
    ended: list[str] = []
    for job_id, code in (
        (world.training(), "training_diverged"),
        (world.importing(), "source_not_found"),
        (world.single(url=LONG), "http_status"),
        (world.model_import("a.keras"), "model_refused"),
    ):
        world.start(job_id)
        error = {"code": code, "message": f"It was expected to work with {LONG}, and did not."}
        world.finish(job_id, Outcome(failed=1, status=Status.FAILED, error=error))
        ended.append(job_id)
    canceled = world.training()
    world.jobs.cancel(canceled)
    return [*ended, canceled, _failed_list(world), _told_in_vain(world)]


def _failed_list(world: PageWorld) -> str:
    job_id = world.listing(20)
    asked = [ItemInput(index=index, url=f"{LONG}?{index}") for index in range(20)]
    world.finish_list(job_id, [items.failed(one, errors.DnsFailed("There is no such host.")) for one in asked])
    return job_id


def _told_in_vain(world: PageWorld) -> str:
    """Returns a job whose webhook has been told once, and did not take it."""
    spec = {"model": {"name": "shapes", "version": None}, "top_k": 5, "threshold": 0.6, "webhook": HOOK}
    unit = NewUnit({"item": {"url": "http://example.org/star.png"}})
    new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [unit], spec, single=True)
    world.jobs.create(new)
    ended: Job = world.answer(new.id, SCORES)
    store = WebhookStore(world.redis)
    event = store.claim("token")
    assert event is not None
    error = {"code": "http_status", "message": "The receiver answered 500; expected <2xx>."}
    assert store.tried(Try(event, time.time(), 0.25, 500, error, time.time() + 600))
    return ended.id
