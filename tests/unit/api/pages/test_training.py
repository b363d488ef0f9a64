"""The page of a training, while it runs and when it has ended."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shared.jobs.model import Outcome, Status
from tests.support.manifests import refused_verdict
from tests.support.page_world import PageWorld

pytestmark = pytest.mark.usefixtures("no_patience")


def test_a_training_shows_its_epochs_and_then_its_model(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    assert "Waiting" in browser.get(f"/jobs/{job_id}").text
    epoch = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.45, "seconds": 3}
    shapes.start(job_id, {"done": 30, "total": 120, "epoch": 2, "epochs": 4, "eta_s": 9, "history": [epoch]})
    running = browser.get(f"/jobs/{job_id}").text
    assert "Epoch 2 of 4" in running
    assert "30 of 120 steps" in running
    assert "training accuracy from 50.0\u202f%" in running
    shapes.finish_training(job_id)
    done = browser.get(f"/jobs/{job_id}").text
    assert "shapes v1, 98.5\u202f% right on test pictures, answers from now on." in done
    assert "data-refresh" not in done


def test_a_training_before_its_first_epoch_gets_its_pictures_ready(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    shapes.start(job_id)
    assert "Getting the pictures ready" in browser.get(f"/jobs/{job_id}").text


def test_a_failed_training_says_why(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    shapes.start(job_id)
    shapes.finish(job_id, Outcome(status=Status.FAILED, error={"code": "internal", "message": "It did not converge."}))
    assert "It did not converge." in browser.get(f"/jobs/{job_id}").text


def test_a_long_training_keeps_its_page_small(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    epoch = {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.45, "seconds": 3}
    history = [{**epoch, "epoch": number} for number in range(1, 1000)]
    shapes.start(job_id, {"done": 999, "total": 1000, "epoch": 1000, "epochs": 1000, "history": history})
    page = browser.get(f"/jobs/{job_id}")
    assert len(page.data) < 100_000
    assert '<th scope="row">999</th>' in page.text
    assert "The last 60 epochs" in page.text


def test_a_training_says_which_part_of_it_runs(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    shapes.start(job_id, {"phase": "evaluating", "done": 10, "total": 10, "epoch": 2, "epochs": 2})
    page = browser.get(f"/jobs/{job_id}").text
    assert '<li class="now" aria-current="step">Trying it on the test pictures</li>' in page
    assert '<li class="done">Training</li>' in page


def test_a_training_that_has_weights_can_be_stopped_with_them(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    shapes.start(job_id, {"done": 1, "total": 4, "epoch": 1, "epochs": 4})
    assert 'name="keep"' not in browser.get(f"/jobs/{job_id}").text
    epoch = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.45, "seconds": 3}
    assert shapes.units.progress(f"{job_id}:0", 1, {"history": [epoch]})
    assert 'name="keep" value="1"' in browser.get(f"/jobs/{job_id}").text
    assert browser.post(f"/jobs/{job_id}/cancel", data={"keep": "1"}).status_code == 303
    assert shapes.jobs.get(job_id).status is Status.CANCELING


def test_an_ended_training_shows_the_gate_and_leads_to_its_version(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, gate=refused_verdict(), fit="good", fit_rule="A rule.", serve=False)
    job_id = shapes.training()
    shapes.start(job_id)
    shapes.finish_training(job_id, version=2, promoted=False, reason="Version 2 is not served.")
    page = browser.get(f"/jobs/{job_id}").text
    assert "is kept and does not answer." in page
    assert page.count("Its accuracy is") == 1
    assert "right on 91.9\u202f% against 92.4\u202f% of v1" in page
    assert "\u22120.5<span" in page
    assert "largest loss of a class: star (at most 2\u202f%)" in page
    assert 'href="/models/shapes/2/promote"' in page
    assert "good fit" in page


def test_a_version_that_was_deleted_since_does_not_break_the_page(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    shapes.start(job_id)
    shapes.finish_training(job_id, version=7)
    page = browser.get(f"/jobs/{job_id}")
    assert page.status_code == 200
    assert "The gate" not in page.text
