"""What a receiver is sent, and what its answer comes to, over real connections; none leaves this machine."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from redis import Redis

from scheduler import courier
from scheduler.courier import Courier
from shared.fetch.fetcher import Fetcher
from shared.jobs import keys
from shared.jobs.model import Outcome, Status
from tests.support.exchange import Behaviour
from tests.support.origins import flaky, redirect, serve, silent, status
from tests.support.receiver import Receiver
from tests.support.webhook_world import DONE, WebhookWorld

FAILED = Outcome(failed=1, status=Status.FAILED, error={"code": "http_status", "message": "404"})


@pytest.mark.parametrize(("outcome", "kind"), [(DONE, "job.succeeded"), (FAILED, "job.failed")])
def test_the_end_of_a_job_is_told_signed_with_the_job_as_it_is_shown(
    telling: WebhookWorld, receiver: Receiver, outcome: Outcome, kind: str
) -> None:
    job_id = telling.ended(receiver.hook, outcome)
    (made,) = telling.tell(job_id)
    (told,) = receiver.told
    assert (told.id, told.type) == (f"msg_{job_id}", kind)
    assert set(told.body) == {"type", "timestamp", "data"}
    job = telling.jobs.get(job_id)
    assert told.body["data"]["id"] == job_id
    assert told.body["data"]["status"] == job.status
    assert told.body["data"]["result"] == job.result
    assert (made["type"], made["attempt"], made["status"], made["error"]) == (kind, 1, 204, None)
    assert made["next_attempt_at"] is None
    # Nothing is left of it but what the job keeps, and that goes with the job.
    assert telling.left() == []
    assert 0 < telling.redis.pttl(keys.tries(job_id)) <= 60_000


def test_any_text_of_a_client_can_be_told(telling: WebhookWorld, receiver: Receiver) -> None:
    odd = {"id": "\ud83d é \x00", "label": "猫"}
    telling.tell(telling.ended(receiver.hook, Outcome(status=Status.SUCCEEDED, result=odd)))
    assert receiver.told[0].body["data"]["result"] == odd


@pytest.mark.parametrize(
    ("behaviour", "code", "answered", "words"),
    [
        (status(500), "http_status", 500, "500 Internal Server Error; expected 2xx"),
        (status(404), "http_status", 404, "404 Not Found"),
        (redirect("/elsewhere"), "http_status", 302, "Redirects are not followed"),
        (redirect("/elsewhere", 308), "http_status", 308, "Redirects are not followed"),
        (silent(), "fetch_timeout", None, "did not answer within"),
    ],
)
def test_any_other_answer_is_a_failure_that_is_tried_again(
    telling: WebhookWorld, receiver: Receiver, behaviour: Behaviour, code: str, answered: int | None, words: str
) -> None:
    receiver.on("/hook", behaviour)
    receiver.on("/elsewhere", serve(b"never asked"))
    job_id = telling.ended(receiver.hook)
    (made,) = telling.tell(job_id)
    assert (made["status"], made["error"]["code"]) == (answered, code)
    assert words in made["error"]["message"]
    assert made["next_attempt_at"] == pytest.approx(made["at"] + 10)
    # It waits for the rest of the 10 s, and nobody gets it before.
    assert telling.store.claim("token") is None
    assert receiver.hits()["/elsewhere"] == 0


def test_an_address_that_is_not_allowed_is_refused_at_every_try(redis: Redis, receiver: Receiver) -> None:
    fetcher = Fetcher(timeout_s=0.5)
    telling = WebhookWorld(redis, fetcher)
    (made,) = telling.tell(telling.ended(receiver.hook))
    assert made["error"]["code"] == "address_not_allowed"
    assert receiver.connections == 0
    fetcher.close()


def test_without_a_secret_nothing_is_sent_and_the_try_says_why(redis: Redis, receiver: Receiver) -> None:
    fetcher = Fetcher(allow=[ip_network("127.0.0.0/8")])
    telling = WebhookWorld(redis, fetcher)
    telling.courier = Courier(fetcher, None)
    (made,) = telling.tell(telling.ended(receiver.hook))
    assert made["error"]["code"] == "webhook_not_allowed"
    assert "LOUPE_WEBHOOK_SECRET" in made["error"]["message"]
    assert receiver.connections == 0
    fetcher.close()


def test_what_cannot_even_be_put_into_words_is_given_up_like_any_other(
    telling: WebhookWorld, receiver: Receiver
) -> None:
    job_id = telling.ended(receiver.hook)
    telling.redis.hset(f"loupe:webhook:msg_{job_id}", "content", "[[]]")
    tries = telling.tell(job_id, 5)
    assert {made["error"]["code"] for made in tries} == {"internal"}
    assert (receiver.connections, telling.left()) == (0, [])


def test_tries_are_counted_by_how_they_ended(telling: WebhookWorld, receiver: Receiver) -> None:
    before = {code: courier.TRIES.labels(code)._value.get() for code in ("ok", "http_status")}
    receiver.on("/hook", flaky(1, status(500), status(200)))
    telling.tell(telling.ended(receiver.hook), 2)
    assert {code: courier.TRIES.labels(code)._value.get() - count for code, count in before.items()} == {
        "ok": 1,
        "http_status": 1,
    }


def test_credentials_of_the_url_are_sent_and_never_shown(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook.replace("//", "//user:secret@"))
    telling.tell(job_id)
    assert receiver.requests[0].headers["authorization"].startswith("Basic ")
    assert "secret" not in str(receiver.told[0].body)


def test_the_gaps_between_tries_come_to_the_times_that_are_promised(telling: WebhookWorld, receiver: Receiver) -> None:
    begin, offsets = 0.0, [0.0]
    for gap in courier.GAPS_S:
        begin += gap
        offsets.append(begin)
    assert offsets == [0, 10, 60, 600, 3600]
