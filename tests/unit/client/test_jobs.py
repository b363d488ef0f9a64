from __future__ import annotations

import time

import pytest

import loupe
from tests.support.origins import Origin, slow
from tests.support.told import JOB_ID, failed_item, in_turn, item, job, page, problem, single, told

JOB = f"/api/v1/jobs/{JOB_ID}"
CLASSIFICATIONS = "/api/v1/classifications"


def test_a_wait_is_held_by_the_server(origin: Origin, client: loupe.Client) -> None:
    origin.on(JOB, in_turn(told(job("running")), slow(0.3, told(job()))))
    began = time.monotonic()

    assert client.jobs.wait(JOB_ID).ended

    assert time.monotonic() - began < 3
    assert [request.headers.get("prefer") for request in origin.requests] == [None, "wait=60"]


def test_a_server_that_holds_nothing_is_asked_once_a_second(origin: Origin, client: loupe.Client) -> None:
    origin.on(JOB, in_turn(told(job("queued")), told(job("running")), told(job())))
    began = time.monotonic()

    client.jobs.wait(JOB_ID)

    assert time.monotonic() - began >= 1
    assert len(origin.requests) == 3


def test_a_server_that_restarts_is_waited_for(origin: Origin, client: loupe.Client) -> None:
    origin.on(JOB, in_turn(told(job("running")), problem(503, "redis_unavailable", Retry_After="0"), told(job())))

    assert client.jobs.wait(JOB_ID).status == "succeeded"


def test_a_wait_ends_in_time_and_the_job_goes_on(origin: Origin, client: loupe.Client) -> None:
    origin.on(JOB, told(job("running")))
    began = time.monotonic()

    with pytest.raises(loupe.StillRunning) as caught:
        client.jobs.wait(JOB_ID, timeout_s=1.5)

    assert caught.value.job_id == JOB_ID
    assert 1.5 <= time.monotonic() - began < 5


def test_who_follows_sees_how_far_it_is(origin: Origin, client: loupe.Client) -> None:
    origin.on(JOB, in_turn(told(job("running", done=1, total=2)), told(job(done=2, total=2))))

    assert [(seen.status, seen.done) for seen in client.jobs.follow(JOB_ID)] == [("running", 1), ("succeeded", 2)]


def test_results_come_in_order_and_typed(origin: Origin, client: loupe.Client) -> None:
    origin.on(f"{JOB}/results", in_turn(told(page(item(), following="1")), told(page(failed_item()))))

    first, second = client.jobs.results(JOB_ID, status="failed", min_score=0.5)

    assert (first.label, first.score, str(first.model)) == ("cat", 0.9, "pets@1")
    assert first.predictions[1] == loupe.Prediction("dog", 0.1)
    assert second.error is not None
    assert second.error.code == "not_an_image"
    assert "status=failed&min_score=0.5" in origin.requests[0].path


def test_a_picture_is_sent_by_its_address_or_its_bytes(origin: Origin, client: loupe.Client) -> None:
    origin.on(CLASSIFICATIONS, told(single()))

    assert client.classify("https://example.org/cat.jpg", top_k=2).label == "cat"
    assert client.classify(b"bytes", top_k=2, model=None).label == "cat"

    by_address, by_bytes = origin.requests
    assert by_address.body == b'{"url": "https://example.org/cat.jpg", "top_k": 2}'
    assert by_address.headers["prefer"] == "wait=60"
    assert b'name="top_k"\r\n\r\n2\r\n' in by_bytes.body
    assert b'name="model"' not in by_bytes.body


def test_a_picture_that_cannot_be_classified_has_its_code(origin: Origin, client: loupe.Client) -> None:
    origin.on(CLASSIFICATIONS, told(single(failed_item())))

    with pytest.raises(loupe.ItemFailed, match="no picture") as caught:
        client.classify(b"bytes")

    assert caught.value.code == "not_an_image"


def test_a_canceled_picture_has_no_answer(origin: Origin, client: loupe.Client) -> None:
    origin.on(CLASSIFICATIONS, told(job("canceled", single=True)))

    with pytest.raises(loupe.ItemFailed, match="canceled"):
        client.classify(b"bytes")


def test_a_picture_that_is_not_done_at_once_is_waited_for(origin: Origin, client: loupe.Client) -> None:
    origin.on(CLASSIFICATIONS, told(job("queued", done=0), 202))
    origin.on(JOB, told(single()))

    assert client.classify(b"bytes").label == "cat"


def test_a_file_that_is_not_there_is_not_sent(origin: Origin, client: loupe.Client) -> None:
    with pytest.raises(loupe.FileProblem, match="An address begins with http"):
        client.classify("example.org/cat.jpg")
    assert origin.requests == []
