"""The page of one job, in every state; trainings have a file of their own."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import errors, ids, items
from shared.heartbeat import Heartbeat
from shared.items import ItemInput
from shared.jobs.model import Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.webhooks import Try, WebhookStore
from tests.support.manifests import refused_verdict
from tests.support.page_world import PageWorld
from tests.support.pictures import encode, photo

pytestmark = pytest.mark.usefixtures("no_patience")

HOOK = "http://user:secret@127.0.0.1:9/hook"
SCORES = {"star": 0.972, "square": 0.02, "circle": 0.008}


def test_the_answer_has_the_picture_a_bar_per_class_and_its_timings(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.single()
    shapes.answer(job_id, SCORES, encode(".jpg", photo()))
    page = browser.get(f"/jobs/{job_id}").text
    assert "<title>star · Loupe</title>" in page
    assert "97.2\u202f% sure" in page
    assert f'src="/api/v1/jobs/{job_id}/items/0/image"' in page
    assert page.count('class="bar"') == len(SCORES)
    assert "fetched in 84\u202fms" in page
    assert "by shapes v1" in page
    assert "data-refresh" not in page


def test_an_upload_is_read_and_not_fetched(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.single(filename="mine.png", upload="x")
    shapes.start(job_id)
    shapes.finish(job_id, items.single_outcome(shapes.item(job_id, SCORES, filename="mine.png")))
    page = browser.get(f"/jobs/{job_id}").text
    assert "read in 84\u202fms" in page
    assert "mine.png" in page


def test_an_unsure_answer_is_marked(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.single()
    shapes.answer(job_id, {"star": 0.54, "square": 0.46})
    page = browser.get(f"/jobs/{job_id}").text
    assert "Perhaps a" in page
    assert "below 60\u202f%" in page
    assert "worth a look" in page


def test_a_failed_picture_has_code_cause_and_next_step_and_its_address_to_correct(
    shapes: PageWorld, browser: FlaskClient
) -> None:
    job_id = shapes.single(url="http://10.0.3.7/a.png")
    shapes.start(job_id)
    error = errors.AddressNotAllowed("The address 10.0.3.7 is on a private network.")
    shapes.finish(job_id, items.single_outcome(items.failed(ItemInput(url="http://10.0.3.7/a.png"), error)))
    page = browser.get(f"/jobs/{job_id}").text
    assert '<a href="/docs#address_not_allowed">' in page
    assert "is on a private network" in page
    assert "LOUPE_FETCH_ALLOW" in page
    assert 'value="http://10.0.3.7/a.png"' in page
    assert f'action="/jobs/{job_id}/retry" method="post"' in page
    again = browser.post(f"/jobs/{job_id}/retry")
    assert shapes.jobs.get(again.location.rpartition("/")[2]).single


def test_a_waiting_picture_says_why_and_comes_again_by_itself(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.single(filename="mine.png", upload="x")
    page = browser.get(f"/jobs/{job_id}").text
    assert "No worker for single pictures is running just now" in page
    assert "mine.png" in page
    # Without the part of it that a form's answer may lead to: the browser would go there and load nothing.
    assert f'<noscript><meta http-equiv="refresh" content="2; url=/jobs/{job_id}"></noscript>' in page
    assert "data-refresh" in page


def test_a_waiting_picture_says_how_many_are_before_it(shapes: PageWorld, browser: FlaskClient) -> None:
    Heartbeat(shapes.redis, "single", lambda: ("ready", [])).beat()
    first, second = shapes.single(), shapes.single()
    assert "It is next in line" in browser.get(f"/jobs/{first}").text
    assert "1 job is ahead of it" in browser.get(f"/jobs/{second}").text


def test_cancel_works_as_a_form_and_twice_does_no_harm(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.single()
    assert f'action="/jobs/{job_id}/cancel" method="post"' in browser.get(f"/jobs/{job_id}").text
    for _ in range(2):
        assert browser.post(f"/jobs/{job_id}/cancel").status_code == 303
    assert shapes.jobs.get(job_id).status is Status.CANCELED
    page = browser.get(f"/jobs/{job_id}").text
    assert "canceled" in page
    assert "/cancel" not in page


def test_an_import_shows_how_far_it_is_and_then_its_report(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.importing("pets", total=100)
    assert "Waiting" in browser.get(f"/jobs/{job_id}").text
    shapes.start(job_id, {"done": 40, "failed": 2, "total": 100})
    running = browser.get(f"/jobs/{job_id}").text
    assert "40 of 100 pictures" in running
    assert 'action="/jobs' in running
    shapes.finish_import(job_id, "pets", "3f2a90b1c4d5")
    done = browser.get(f"/jobs/{job_id}").text
    assert "pets has a new version, 3f2a90b1c4d5." in done
    assert 'href="/datasets/pets?version=3f2a90b1c4d5"' in done
    assert 'href="/train?dataset=pets"' in done
    assert "data-refresh" not in done
    assert "pets 3f2a90b1c4d5, 40 pictures" in browser.get("/jobs").text


def test_an_import_says_what_is_new_since_the_version_before(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.importing()
    shapes.start(job_id)
    shapes.finish_import(job_id, "pets", "3f2a90b1c4d5", previous="aaaaaaaaaaaa", added=38, removed=2)
    page = browser.get(f"/jobs/{job_id}").text
    assert "<dt>new since the version before</dt><dd>38</dd>" in page
    assert "<dt>gone since then</dt><dd>2</dd>" in page


def test_an_import_that_changed_nothing_says_so(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.importing("pets")
    shapes.start(job_id)
    shapes.finish_import(job_id, "pets", "3f2a90b1c4d5", created=False)
    assert "Nothing has changed since the last import" in browser.get(f"/jobs/{job_id}").text


def test_a_failed_import_says_why_and_what_to_do(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.importing("pets")
    shapes.start(job_id)
    error = {"code": "one_class", "message": "There is only cat."}
    shapes.finish(job_id, Outcome(status=Status.FAILED, error=error))
    page = browser.get(f"/jobs/{job_id}").text
    assert "There is only cat." in page
    assert "a model learns to tell classes apart" in page


def test_an_import_of_a_model_shows_its_verdict_and_no_epochs(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, gate=refused_verdict(), recipe=None, seed=None, serve=False)
    job_id = shapes.model_import("mine.keras")
    shapes.start(job_id, {"phase": "evaluating", "done": 3, "total": 10})
    running = browser.get(f"/jobs/{job_id}").text
    assert "Import of the model shapes" in running
    assert "mine.keras, evaluated on shapes@0123456789ab" in running
    assert "Accuracy by epoch" not in running
    assert "Import of the model shapes" in browser.get("/jobs").text
    assert "Import of the model" not in browser.get("/datasets").text
    shapes.finish_training(job_id, version=2, promoted=False, metrics={"test": {"accuracy": 0.919, "loss": 0.3}})
    page = browser.get(f"/jobs/{job_id}").text
    assert "91.9\u202f%" in page
    assert "The gate" in page
    for path in ("/models", "/models/shapes", "/models/shapes/2"):
        assert "None" not in browser.get(path).text


def test_an_import_of_a_model_that_failed_leads_to_its_form(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.model_import("mine.keras")
    shapes.start(job_id)
    shapes.finish(job_id, Outcome(status=Status.FAILED, error={"code": "model_refused", "message": "No."}))
    assert 'href="/train/elsewhere?model=shapes">Take it in again' in browser.get(f"/jobs/{job_id}").text


def hooked(shapes: PageWorld, redis: Redis) -> str:
    """Returns a job with a webhook that has been told once, in vain."""
    spec = {"model": {"name": "shapes", "version": None}, "top_k": 5, "threshold": 0.6, "webhook": HOOK}
    unit = NewUnit({"item": {"url": "http://example.org/star.png"}})
    new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [unit], spec, single=True)
    shapes.jobs.create(new)
    shapes.answer(new.id, SCORES)
    store = WebhookStore(redis)
    event = store.claim("token")
    assert event is not None
    error = {"code": "http_status", "message": "The receiver answered 500; expected <2xx>."}
    now = time.time()
    assert store.tried(Try(event, now, 0.25, 500, error, now + 10))
    return new.id


def test_a_webhook_and_each_try_are_shown_without_its_password(
    shapes: PageWorld, browser: FlaskClient, redis: Redis
) -> None:
    page = browser.get(f"/jobs/{hooked(shapes, redis)}").text
    assert "http://***@127.0.0.1:9/hook" in page
    assert "secret" not in page
    assert "<code>job.succeeded</code>" in page
    assert "The receiver answered 500; expected &lt;2xx&gt;." in page
    assert "250\u202fms" in page
    # Whether the next try comes to anything is for who looks again.
    assert "data-refresh" not in page


def test_a_webhook_can_be_told_again_from_the_page(shapes: PageWorld, browser: FlaskClient, redis: Redis) -> None:
    job_id = hooked(shapes, redis)
    answer = browser.post(f"/jobs/{job_id}/webhook")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{job_id}#webhook")
    # The page is kept up to date until it is told.
    assert "data-refresh" in browser.get(f"/jobs/{job_id}").text
    event = WebhookStore(redis).claim("token")
    assert event is not None
    assert (event.id, event.tried) == (f"msg_{job_id}", 0)
    assert WebhookStore(redis).tried(Try(event, time.time(), 0.25, 200, None, None))
    page = browser.get(f"/jobs/{job_id}").text
    assert "data-refresh" not in page
    assert '<span class="pill good">200</span>' in page


def test_a_job_without_a_webhook_says_nothing_of_it(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.single()
    shapes.answer(job_id, SCORES)
    assert 'id="webhook"' not in browser.get(f"/jobs/{job_id}").text
    assert browser.post(f"/jobs/{job_id}/webhook").status_code == 409
