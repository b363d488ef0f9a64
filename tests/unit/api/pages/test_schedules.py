"""The pages of schedules: the list, one schedule, and what its buttons do."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.ids import new_id
from shared.jobs.model import Outcome, Status
from shared.schedules.record import Run, Schedule
from tests.support.page_world import PageWorld
from tests.support.schedule_world import toy_schedule

VERSION = "3f2a90b1c4d5"


def keep(world: PageWorld, name: str = "weekly", **changes: Any) -> Schedule:
    schedule = toy_schedule(name, **({"dealt_until": time.time(), "timezone": "Europe/Paris"} | changes))
    world.schedules.create(schedule)
    return schedule


def ran(**changes: Any) -> Run:
    fields = {"at": time.time() - 7200, "due_at": time.time() - 7200, "outcome": "ran", "dataset": f"pets@{VERSION}"}
    return Run.model_validate(fields | {"added": 38, "removed": 2} | changes)


def test_without_a_dataset_the_page_leads_to_one(browser: FlaskClient) -> None:
    page = browser.get("/schedules").text
    assert "Nothing is retrained by itself yet." in page
    assert 'href="/datasets#add"' in page


@pytest.mark.usefixtures("pets")
def test_without_a_schedule_the_page_leads_to_the_form(browser: FlaskClient) -> None:
    assert 'href="/train/schedule"' in browser.get("/schedules").text
    assert '<a href="/schedules" aria-current="page">Schedules</a>' in browser.get("/schedules").text


def test_the_list_says_when_each_ran_and_will_run_and_what_came_of_it(pets: PageWorld, browser: FlaskClient) -> None:
    pets.publish("pets", 3, ("cat", "dog"))
    keep(pets, runs=[ran(version=3, promoted=True)])
    keep(pets, "paused", paused=True)
    keep(pets, "broken", runs=[ran(outcome="failed", detail="The source is gone.")])
    page = browser.get("/schedules").text
    assert re.search(r">\w{3} \d{4}-\d\d-\d\d \d\d:00 CES?T</time> <span[^>]*>in \d+ (minutes|seconds|hours?)<", page)
    assert "2 hours ago" in page
    assert '<a class="pill good" href="/models/pets/3">ran</a> <span class="small whole-line">v3, served</span>' in page
    assert '<span class="pill unsure">paused</span>' in page
    assert '<span class="pill failed">failed</span>' in page
    assert "not yet" in page


def test_a_schedule_tells_what_it_does_and_how_its_runs_went(pets: PageWorld, browser: FlaskClient) -> None:
    pets.publish("pets", 3, ("cat", "dog"))
    training = pets.training()
    keep(
        pets,
        cron="0 3 * * 1",
        skip_unchanged=True,
        runs=[
            ran(job=training, version=3, promoted=True, detail="It is better."),
            ran(outcome="skipped_unchanged", added=0, removed=0, detail="Nothing is new."),
            ran(outcome="caught_up", due_at=0.0, late=True, version=9, promoted=False),
            ran(outcome="failed", dataset=None, added=None, removed=None, import_job=new_id(), detail="<gone>"),
        ],
    )
    page = browser.get("/schedules/weekly").text
    assert "It imports pets again from " in page
    assert "It ends here if that has nothing new." in page
    assert page.count("03:00 CE") >= 5
    assert "+38 −2" in page
    assert ": 38 pictures added, 2 removed." in page
    assert f'href="/jobs/{training}">training</a>' in page
    assert '<a href="/models/pets/3">pets v3</a> <span class="pill good">served by it</span>' in page
    for code in ("skipped_unchanged", "caught_up", "failed"):
        assert f'<code class="small">{code}</code>' in page
    assert "was due Thu 1970-01-01 01:00 CET" in page
    # What is not there any more is said, and not linked
    assert "pets v9, deleted" in page
    assert ">import</a>" not in page
    assert "&lt;gone&gt;" in page
    assert "data-refresh" not in page


def test_a_run_that_has_just_ended_has_its_outcome_at_once(pets: PageWorld, browser: FlaskClient) -> None:
    training = pets.training()
    keep(pets, runs=[ran(outcome=None, job=training)])
    assert "Training on it." in browser.get("/schedules/weekly").text
    pets.start(training)
    pets.finish(training, Outcome(status=Status.SUCCEEDED, result={"reason": "It is better."}))
    assert "It is better." in browser.get("/schedules/weekly").text


def test_a_run_that_goes_on_is_watched(pets: PageWorld, browser: FlaskClient) -> None:
    keep(pets, cron="0 0 1 1 *", runs=[ran(outcome=None, import_job=pets.importing())])
    for path in ("/schedules", "/schedules/weekly"):
        page = browser.get(path).text
        assert '<span class="pill unsure">running' in page or '">running</a>' in page
        assert "data-refresh" in page
    assert "Importing the dataset." in browser.get("/schedules/weekly").text


def test_an_archive_is_said_to_stay_as_it_is(pets: PageWorld, browser: FlaskClient) -> None:
    path = "datasets/pets/newest.json"
    newest = json.loads(pets.storage.read_bytes(path)) | {"source": {"type": "archive", "filename": "pets.zip"}}
    pets.storage.write_bytes(path, json.dumps(newest).encode())
    keep(pets, runs=[ran(added=None, removed=None)])
    page = browser.get("/schedules/weekly").text
    assert "pets was uploaded, and uploads are not kept, so there is nothing to import again" in page
    assert "not imported again" in page


def test_a_given_version_and_a_dataset_that_is_gone_are_said(pets: PageWorld, browser: FlaskClient) -> None:
    training = toy_schedule().training
    keep(pets, "given", training=training.model_copy(update={"dataset": f"pets@{VERSION}"}))
    keep(pets, "gone", training=training.model_copy(update={"dataset": "birds"}))
    assert f"It names the version {VERSION} of pets" in browser.get("/schedules/given").text
    assert "There is no dataset named birds any more" in browser.get("/schedules/gone").text


def test_what_a_schedule_began_leads_back_to_it(pets: PageWorld, browser: FlaskClient) -> None:
    made = keep(pets)
    browser.post("/schedules/weekly/run")
    run = pets.schedules.get("weekly").under_way
    assert run is not None
    job_page = f"/jobs/{run.first_job}"
    assert 'by schedule <a href="/schedules/weekly">weekly</a>' in browser.get(job_page).text
    pets.schedules.delete(pets.schedules.get(made.name))
    assert "by schedule" not in browser.get(job_page).text


def test_run_now_begins_a_run_and_shows_it(pets: PageWorld, browser: FlaskClient) -> None:
    keep(pets)
    answer = browser.post("/schedules/weekly/run")
    assert (answer.status_code, answer.location) == (303, "/schedules/weekly")
    (run,) = pets.schedules.get("weekly").runs
    assert (run.outcome, run.due_at) == (None, None)
    # A second one is refused in place
    answer = browser.post("/schedules/weekly/run")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "<code>job_not_finished</code>" in answer.text


def test_pause_and_resume(pets: PageWorld, browser: FlaskClient) -> None:
    keep(pets)
    assert browser.post("/schedules/weekly/pause").location == "/schedules/weekly"
    assert pets.schedules.get("weekly").paused
    page = browser.get("/schedules/weekly").text
    assert "It is not due while it is paused" in page
    assert 'action="/schedules/weekly/resume"' in page
    browser.post("/schedules/weekly/resume")
    assert not pets.schedules.get("weekly").paused


def test_deleting_is_asked_and_then_done(pets: PageWorld, browser: FlaskClient) -> None:
    keep(pets, runs=[ran(outcome=None, import_job=pets.importing())])
    question = browser.get("/schedules/weekly/delete").text
    assert "Delete the schedule weekly?" in question
    assert "The run that goes on" in question
    answer = browser.post("/schedules/weekly/delete")
    assert (answer.status_code, answer.location) == (303, "/schedules")
    assert pets.schedules.all() == []


@pytest.mark.parametrize("path", ["", "/edit", "/delete"])
def test_what_is_not_there_is_said_by_its_code(browser: FlaskClient, path: str) -> None:
    page = browser.get(f"/schedules/nothing{path}")
    assert page.status_code == 404
    assert "<code>schedule_not_found</code>" in page.text
    for action in ("run", "pause", "resume", "delete", "edit"):
        assert browser.post(f"/schedules/nothing/{action}").status_code == 404
