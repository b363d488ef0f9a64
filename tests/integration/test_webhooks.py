"""Webhooks through all of Loupe: asked for over HTTP, told by the scheduler, verified by a receiver on loopback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support import origins, pictures
from tests.support.launched import wait_until
from tests.support.loupe import Json, RunningLoupe
from tests.support.receiver import PATH, Receiver

PICTURE = pictures.encode(".png", pictures.photo())

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        listening.on("/cat.png", origins.serve(PICTURE))
        yield listening


@dataclass(frozen=True)
class Trainings:
    """Two trainings of one model that were asked for, and the receiver that is told of the first one's version."""

    receiver: Receiver
    first: str
    second: str


@pytest.fixture(scope="module")
def trainings(loupe: RunningLoupe) -> Iterator[Trainings]:
    """They go on while a test waits for something else."""
    body: Json = {"dataset": "shapes", "recipe": "shapes", "model": "told", "params": {"epochs": 1}}
    with Receiver() as listening:
        webhook = {"url": listening.hook}
        first = loupe.post("/api/v1/trainings", json=body | {"webhook": webhook, "promote": "always"})
        second = loupe.post("/api/v1/trainings", json=body | {"promote": "always"})
        yield Trainings(listening, first.json()["id"], second.json()["id"])


def asked(loupe: RunningLoupe, receiver: Receiver, path: str = "/cat.png") -> str:
    """Returns the id of a job that has ended and whose webhook is the receiver."""
    body = {"url": receiver.url(path), "webhook": {"url": receiver.hook}}
    return str(loupe.classify(json=body)["id"])


def attempts(loupe: RunningLoupe, job_id: str) -> list[Json]:
    """Returns the tries that the job shows."""
    shown: list[Json] = loupe.get(f"/api/v1/jobs/{job_id}").json()["webhook"]["attempts"]
    return shown


def is_told(loupe: RunningLoupe, job_id: str) -> bool:
    """Tells whether the last try was the last that was needed."""
    return [made["error"] for made in attempts(loupe, job_id)[-1:]] == [None]


def test_a_job_s_end_is_told_within_2_s(loupe: RunningLoupe, receiver: Receiver) -> None:
    done, failed = asked(loupe, receiver), asked(loupe, receiver, "/missing.png")
    wait_until(lambda: len(receiver.told) == 2, 2, "both ends to be told")
    assert {told.id: told.type for told in receiver.told} == {
        f"msg_{done}": "job.succeeded",
        f"msg_{failed}": "job.failed",
    }
    wait_until(lambda: attempts(loupe, done), 2, "the try to be shown")
    (made,) = attempts(loupe, done)
    assert (made["attempt"], made["status"], made["error"]) == (1, 204, None)
    # What was told is the job as it is shown.
    shown = loupe.get(f"/api/v1/jobs/{done}").json()
    told = next(told for told in receiver.told if told.id == f"msg_{done}")
    assert told.body["data"] | {"webhook": None} == shown | {"webhook": None}


@pytest.mark.usefixtures("trainings")
def test_what_a_killed_scheduler_was_telling_is_told_again_under_the_same_id(
    loupe: RunningLoupe, receiver: Receiver
) -> None:
    # Given a receiver that takes its time, and a scheduler that is killed while it waits for it
    receiver.on(PATH, origins.flaky(1, origins.silent(), origins.status(200)))
    job_id = asked(loupe, receiver)
    wait_until(lambda: receiver.hits()[PATH] == 1, 5, "the first try")
    os.kill(loupe.pid("scheduler"), signal.SIGKILL)
    # When its claim has run out
    wait_until(lambda: receiver.hits()[PATH] == 2, 60, "the second try")
    # Then another one has told it, and nobody knows of the try that was lost
    wait_until(lambda: attempts(loupe, job_id), 5, "the try to be shown")
    assert [(made["attempt"], made["status"]) for made in attempts(loupe, job_id)] == [(1, 200)]
    assert {told.id for told in receiver.told} == {f"msg_{job_id}"}


def test_a_receiver_that_hangs_holds_up_no_other_and_is_tried_again_after_10_s(
    loupe: RunningLoupe, receiver: Receiver
) -> None:
    with Receiver(origins.silent()) as hanging:
        hanging.on("/cat.png", origins.serve(PICTURE))
        stuck = [asked(loupe, hanging) for _ in range(12)]
        asked(loupe, receiver)
        wait_until(lambda: receiver.told, 2, "the other receiver to be told")
        wait_until(lambda: attempts(loupe, stuck[0]), 15, "the time-out to be shown")
        (made,) = attempts(loupe, stuck[0])
        assert (made["status"], made["error"]["code"]) == (None, "fetch_timeout")
        assert 10_000 <= made["duration_ms"] < 11_000
        hanging.on(PATH, origins.status(200))
        wait_until(lambda: all(is_told(loupe, job) for job in stuck), 40, "all to be told")


def test_500_and_a_redirect_are_tried_again_and_shown(loupe: RunningLoupe, receiver: Receiver) -> None:
    receiver.on("/elsewhere", origins.status(200))
    bad = origins.flaky(1, origins.status(500), origins.redirect("/elsewhere"))
    receiver.on(PATH, origins.flaky(2, bad, origins.status(204)))
    job_id = asked(loupe, receiver)
    wait_until(lambda: len(attempts(loupe, job_id)) == 2, 20, "two tries")
    first, second = attempts(loupe, job_id)
    assert [first["status"], second["status"]] == [500, 302]
    assert "Redirects are not followed" in second["error"]["message"]
    assert second["next_attempt_at"] is not None
    assert receiver.hits()["/elsewhere"] == 0
    # Whoever does not want to wait for the next has it sent now.
    assert loupe.post(f"/api/v1/jobs/{job_id}/webhook").status_code == 202
    wait_until(lambda: len(attempts(loupe, job_id)) == 3, 5, "the third try")
    assert attempts(loupe, job_id)[2]["error"] is None


def test_a_training_s_end_and_each_promotion_of_its_version_are_told(loupe: RunningLoupe, trainings: Trainings) -> None:
    receiver, first, second = trainings.receiver, trainings.first, trainings.second
    for job_id in (first, second):
        assert loupe.wait_job(job_id, 120)["status"] == "succeeded"
    wait_until(lambda: len(receiver.told) == 2, 10, "the end and the promotion")
    assert {told.type for told in receiver.told} == {"job.succeeded", "model.promoted"}
    # The second version has no webhook; the way back to the first is told to the first one's.
    assert loupe.post("/api/v1/models/told/promote", json={"version": 1}).status_code == 200
    wait_until(lambda: len(receiver.told) == 3, 5, "the roll-back")
    last = receiver.told[-1]
    assert last.type == "model.promoted"
    assert {name: last.body["data"][name] for name in ("name", "version", "previous_version", "job_id")} == {
        "name": "told",
        "version": 1,
        "previous_version": 2,
        "job_id": first,
    }
    wait_until(lambda: len(attempts(loupe, first)) == 3, 5, "all three to be shown")
    assert loupe.get(f"/api/v1/jobs/{second}").json()["webhook"] is None
