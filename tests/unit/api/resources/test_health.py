from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from shared.errors import StorageUnavailable
from tests.support.api_world import ApiWorld
from tests.support.redis_server import RedisServer
from tests.unit.api.resources.test_models import beat

READY = [{"name": "pets", "version": 1, "state": "ready"}]


def parts(api: ApiWorld) -> tuple[int, dict[str, dict[str, object]]]:
    answer = api.get("/readyz")
    assert answer.json is not None
    assert answer.json["ready"] is (answer.status_code == 200)
    return answer.status_code, answer.json["parts"]


def test_the_process_lives(api: ApiWorld) -> None:
    answer = api.get("/healthz")

    assert answer.status_code == 200


def test_without_any_worker_loupe_is_not_ready(api: ApiWorld) -> None:
    status, found = parts(api)

    assert status == 503
    assert list(found) == ["redis", "storage", "worker", "trainer", "scheduler"]
    assert [name for name, part in found.items() if part["ok"]] == ["redis", "storage"]


def test_a_redis_that_may_lose_jobs_says_so(own_redis: RedisServer, tmp_path: Path) -> None:
    with Redis.from_url(own_redis.url, decode_responses=True) as client:
        api = ApiWorld(client, own_redis.url, tmp_path / "var")
        assert parts(api)[1]["redis"] == {"ok": True, "detail": "", "models": None}
        client.config_set("appendonly", "no")
        client.config_set("maxmemory-policy", "allkeys-lru")
        told = parts(api)[1]["redis"]

    assert told["ok"] is True
    assert "append-only file is off" in str(told["detail"])
    assert "evict jobs when its memory is full (allkeys-lru)" in str(told["detail"])


def test_a_worker_with_a_warmed_model_makes_it_ready(api: ApiWorld) -> None:
    beat(api, "single", READY, detail="answers with pets v1")

    status, found = parts(api)

    assert status == 200
    assert found["worker"] == {
        "ok": True,
        "detail": "answers with pets v1",
        "models": [{"worker": "single@host:1", **READY[0]}],
    }
    assert found["trainer"]["ok"] is False


def test_a_model_that_failed_to_load_is_no_ready_worker(api: ApiWorld) -> None:
    beat(api, "single", [{"name": "pets", "version": 1, "state": "failed_to_load", "reason": "damaged"}])

    assert parts(api)[0] == 503


def test_a_worker_for_lists_does_not_answer_single_pictures(api: ApiWorld) -> None:
    beat(api, "list", READY)

    assert parts(api)[0] == 503


def test_while_there_is_no_model_the_training_says_how_far_it_is(api: ApiWorld) -> None:
    beat(api, "single")
    beat(api, "trainer", detail="trains")
    beat(api, "scheduler", detail="leads")
    job_id = api.training()

    assert parts(api)[1]["worker"]["detail"] == "There is no model yet. A training is queued."
    api.units.claim(f"{job_id}:0", "token")
    api.units.progress(f"{job_id}:0", 1, {"epoch": 3, "epochs": 8, "eta_s": 12.4})

    status, found = parts(api)
    assert status == 503
    assert found["worker"]["detail"] == "There is no model yet. A training is at epoch 3 of 8, about 12 s left."
    assert found["trainer"] == {"ok": True, "detail": "trains", "models": None}

    api.end_training(job_id)
    beat(api, "single", detail="loading")
    assert parts(api)[1]["worker"]["detail"] in {"loading", "The model is being loaded."}


def test_without_storage_it_is_not_ready(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise StorageUnavailable("the disk is full")

    beat(api, "single", READY)
    monkeypatch.setattr("shared.storage.Storage.check", full)

    status, found = parts(api)
    assert status == 503
    assert found["storage"]["detail"] == "the disk is full"


def test_metrics_are_those_of_all_processes_told_apart(api: ApiWorld) -> None:
    other = (
        "# HELP loupe_items_total Items.\n# TYPE loupe_items_total counter\n"
        'loupe_items_total{status="failed"} 3.0\n'
        "# HELP loupe_http_requests_total Requests.\n# TYPE loupe_http_requests_total counter\n"
        'loupe_http_requests_total{method="GET",route="/",status="200"} 7.0\n'
    )
    beat(api, "single", metrics=other)
    api.get("/api/v1/jobs/x")

    answer = api.get("/metrics")

    assert answer.mimetype == "text/plain"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    # Tests of the workers, run in this process before, count in its own registry.
    (item,) = (each for each in families["loupe_items"].samples if each.labels["process"] == "single@host:1")
    assert (item.labels["status"], item.value) == ("failed", 3.0)
    requests = families["loupe_http_requests"].samples
    assert {sample.labels["process"].partition("@")[0] for sample in requests} == {"single", "api"}
    assert any(sample.labels["route"] == "/api/v1/jobs/<job_id>" for sample in requests)
    assert families["loupe_http_request_seconds"].type == "histogram"
    assert answer.text.count("# TYPE loupe_http_requests_total ") == 1


def test_paths_and_methods_that_clients_make_up_make_no_series(api: ApiWorld) -> None:
    api.open("BREW", "/made-up-by-a-client")

    text = api.get("/metrics").text

    assert "made-up-by-a-client" not in text
    assert "BREW" not in text
