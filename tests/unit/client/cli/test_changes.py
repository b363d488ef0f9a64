"""Commands that change something at the server: what they send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.origins import Origin
from tests.support.told import JOB_ID, in_turn, job, model, page, problem, told
from tests.unit.client.cli.conftest import Loupe

JOB = f"/api/v1/jobs/{JOB_ID}"
SCHEDULE = {
    "name": "weekly",
    "cron": "0 3 * * 1",
    "timezone": "UTC",
    "paused": False,
    "next_run_at": "2026-03-02T03:00:00.000Z",
    "last_run_at": None,
    "last_job": None,
}
TRAINED = {
    "model": {"name": "pets", "version": 2},
    "metrics": {"test": {"accuracy": 0.9375}},
    "reason": "Version 2 is served.",
}


def sent(origin: Origin) -> Any:
    """Returns the JSON of the last request that has any."""
    return json.loads([request.body for request in origin.requests if request.body][-1])


def test_train_waits_and_says_what_came_of_it(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/trainings", told(job("queued", kind="training"), 202))
    running = job("running", kind="training", progress={"done": 1, "failed": 0, "total": 9, "epoch": 1, "epochs": 3})
    origin.on(JOB, in_turn(told(running), told(job(kind="training", result=TRAINED))))

    options = (
        "-p",
        "epochs=3",
        "-p",
        "optimizer=adam",
        "--promote",
        "never",
        "--min-gain",
        0.1,
        "--webhook",
        "https://x",
    )
    ran = command("train", "pets@3f2a", "--recipe", "modern", *options)

    assert ran.code == 0
    assert ran.out.split("\t")[:3] == [JOB_ID, "training", "succeeded"]
    assert "succeeded: pets@2 with a test accuracy of 93.8 %. Version 2 is served." in ran.err
    assert sent(origin) == {
        "dataset": "pets@3f2a",
        "model": "pets",
        "recipe": "modern",
        "params": {"epochs": 3, "optimizer": "adam"},
        "promote": "never",
        "webhook": {"url": "https://x"},
        "gate": {"min_gain": 0.1},
    }


def test_train_takes_its_request_from_standard_input_and_need_not_wait(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/trainings", told(job("queued", kind="training"), 202))

    ran = command("train", "-", "--no-wait", "-q", stdin=b'{"dataset": "pets", "recipe": "modern", "model": "p"}')

    assert (ran.code, ran.out) == (0, f"{JOB_ID}\n")
    assert sent(origin) == {"dataset": "pets", "recipe": "modern", "model": "p"}
    assert command("train", "-", stdin=b"not JSON").code == 2
    assert command("train", "-", stdin=b"[]").code == 2


def test_other_sources_are_named(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/datasets", told(job(kind="import")))

    command("datasets", "import", "pets", "--server-path", "pets")
    assert sent(origin) == {"name": "pets", "source": {"type": "directory", "path": "pets"}}
    command("datasets", "import", "pets", "--source", '{"type": "urls", "path": "list.csv"}', "--test-fraction", 0.5)
    assert sent(origin)["source"] == {"type": "urls", "path": "list.csv"}
    assert command("datasets", "import", "pets", "--source", "urls").code == 2

    command("datasets", "import", "pets", "-", stdin=b"PK an archive")
    assert b"PK an archive" in origin.requests[-1].body


@pytest.mark.parametrize("arguments", [("pets@2",), ("pets", "2"), ("-",)])
def test_promote(origin: Origin, command: Loupe, arguments: tuple[str, ...]) -> None:
    origin.on("/api/v1/models/pets/promote", told(model(served=2)))

    ran = command("promote", *arguments, stdin=b"pets@2\n")

    assert (ran.code, ran.out) == (0, "pets\t2\t1,2\tcat,dog\n")
    assert sent(origin) == {"version": 2}


def test_the_first_version_that_answers_replaces_none(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/models/pets/promote", told(model(served=2) | {"previous_version": None}))

    assert command("promote", "pets@2").err == "pets@2 answers from now on.\n"


def test_shadow(origin: Origin, command: Loupe) -> None:
    seen = {"version": 2, "fraction": 0.25, "since": "2026-03-01T14:02:10.250Z", "served_version": 1, "compared": 8}
    seen |= {"agreed": 6, "agreement": 0.75, "dropped": 1, "failed": 0, "reason": None, "classes": []}
    origin.on("/api/v1/models", told(page(model(), model("cars"))))
    origin.on("/api/v1/models/cars/shadow", problem(404, "no_shadow"))
    origin.on("/api/v1/models/pets/shadow", told(seen))
    line = "pets@2\t25.0 %\tpets@1\t8\t75.0 %\t1\t0\t2026-03-01T14:02:10.250Z\n"

    started = command("shadow", "start", "pets@2", "--fraction", 0.25)
    assert (started.code, started.out) == (0, line)
    assert sent(origin) == {"version": 2, "fraction": 0.25}
    assert command("shadow").out == command("shadow", "show", "-", stdin=b"pets\n").out == line
    assert json.loads(command("shadow", "show", "pets", "--json").out) == {"name": "pets", **seen}
    assert command("shadow", "show", "cars").code == 3
    assert command("shadow", "start", "pets").code == command("shadow", "start", "pets@2", "--fraction", 2).code == 2
    assert command("shadow", "end", "pets", "-q").out == "pets\n"
    assert origin.requests[-1].method == "DELETE"


def test_schedules(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/schedules", in_turn(told(SCHEDULE, 201), told(page(SCHEDULE))))
    origin.on("/api/v1/schedules/weekly", told(SCHEDULE | {"paused": True}))
    origin.on("/api/v1/schedules/weekly/run", told(job(kind="import"), 202))

    created = command("schedules", "create", "weekly", "0 3 * * 1", "pets", "--recipe", "modern")
    assert created.code == 0
    assert sent(origin)["training"] == {"dataset": "pets", "model": "pets", "recipe": "modern", "params": {}}
    assert command("schedules").out.startswith("weekly\t0 3 * * 1\tUTC\t2026-03-02T03:00:00.000Z")
    assert "paused" in command("schedules", "pause", "-", stdin=b"weekly\n").out
    assert sent(origin) == {"paused": True}
    assert command("schedules", "resume", "weekly").code == 0
    assert sent(origin) == {"paused": False}
    assert command("schedules", "run", "-q", "weekly").out == f"{JOB_ID}\n"
    assert command("schedules", "delete", "weekly", "-q").out == "weekly\n"
    assert origin.requests[-1].method == "DELETE"


def test_jobs_are_listed_watched_canceled_and_tried_again(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/jobs", told(page(job(), following="x")))
    origin.on(JOB, told(job()))
    origin.on(f"{JOB}/cancel", told(job("canceling"), 202))
    origin.on(f"{JOB}/retry", told(job("queued"), 202))

    assert command("jobs", "--limit", 2, "--kind", "training", "-q").out == f"{JOB_ID}\n" * 2
    assert "kind=training" in origin.requests[0].path
    assert command("jobs", "watch", "-", "-q", stdin=f"{JOB_ID}\n{JOB_ID}\n".encode()).out == f"{JOB_ID}\n" * 2
    assert "canceling" in command("jobs", "cancel", JOB_ID, "--keep").out
    assert sent(origin) == {"keep": True}
    assert "queued" in command("jobs", "retry", JOB_ID).out


def test_standard_input_is_read_once_and_as_text(command: Loupe) -> None:
    assert command("jobs", "watch", "-", "-").code == 2
    assert command("jobs", "watch", "-", stdin=b"\xff\xfe").code == 2
