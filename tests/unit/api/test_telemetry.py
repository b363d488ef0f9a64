"""What the API says about itself: ids of requests, and the metrics that belong to no process."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.api_world import URL, ApiWorld
from tests.unit.api.resources.test_models import beat


def test_a_request_has_an_id_its_sender_s_if_it_is_one(api: ApiWorld) -> None:
    given = api.get("/healthz", headers={"X-Request-ID": "proxy-1/a"})
    made, another = api.get("/healthz"), api.get("/nowhere")

    assert given.headers["X-Request-ID"] == "proxy-1/a"
    assert len({made.headers["X-Request-ID"], another.headers["X-Request-ID"]}) == 2


@pytest.mark.parametrize("sent", ["", "two words", "x" * 65, 'a"b'])
def test_what_would_spoil_a_line_of_the_log_is_no_id(api: ApiWorld, sent: str) -> None:
    answer = api.get("/healthz", headers={"X-Request-ID": sent})

    assert answer.headers["X-Request-ID"] not in {"", sent}


def test_a_job_s_worker_learns_the_request_that_asked_for_it(api: ApiWorld) -> None:
    answer = api.post(json={"url": URL}, headers={"X-Request-ID": "r-7"})
    assert answer.json is not None

    claim = api.units.claim(f"{answer.json['id']}:0", "token")

    assert claim is not None
    assert claim.origin == {"request": "r-7"}


def test_the_metrics_say_what_waits_and_who_lives(api: ApiWorld) -> None:
    beat(api, "trainer")
    api.single()

    families = {family.name: family for family in text_string_to_metric_families(api.get("/metrics").text)}

    def values(name: str, label: str) -> dict[str, float]:
        return {sample.labels[label]: sample.value for sample in families[name].samples}

    assert values("loupe_queue_units", "queue") == {"classify": 1, "batch": 0, "train": 0}
    assert values("loupe_queue_oldest_seconds", "queue")["train"] == 0
    assert values("loupe_processes", "role") == {"api": 0, "single": 0, "list": 0, "trainer": 1, "scheduler": 0}
    assert families["loupe_open_items"].samples[0].value == 1
    assert families["loupe_leases_lost"].type == "counter"
    assert families["loupe_redis_memory_bytes"].samples[0].value > 100_000
