"""One trace per job: the API under gunicorn, a runner and a receiver of OTLP, all of them real."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from shared.errors import StorageFull
from shared.ids import new_id
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Json, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.runner import Runner
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.logs import fields
from shared.registry import Registry
from shared.storage import Storage
from shared.tracing import origin, start_tracing, step, stop_tracing
from tests.support.api_server import ROOT, ApiServer
from tests.support.manifests import toy_manifest
from tests.support.otlp import OtlpReceiver
from tests.support.redis_server import RedisServer
from tests.support.unit_world import epitaph
from trainer.children.work import ChildWork

pytestmark = pytest.mark.processes

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
LIST = {"urls": [f"http://example.org/{number}.jpg" for number in range(3)]}


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpReceiver]:
    with OtlpReceiver() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
        stop_tracing()


@pytest.fixture
def server(receiver: OtlpReceiver, tmp_path: Path, redis: Redis, redis_server: RedisServer) -> Iterator[ApiServer]:
    with ApiServer(tmp_path, redis_server.url, {"LOUPE_DEFAULT_MODEL": "pets", "LOUPE_LOG_FORMAT": "json"}) as running:
        publish(tmp_path)
        yield running


def publish(folder: Path) -> None:
    registry = Registry(Storage(str(folder / "var" / "storage")))
    registry.publish(toy_manifest("pets", 1), {"model.keras": b"weights"})
    registry.promote("pets", 1)


def run(redis: Redis, unit: str, outcome: Outcome) -> list[dict[str, object]]:
    """Runs a unit as a worker does, in steps, and returns what its log lines would say."""
    seen: list[dict[str, object]] = []

    def work(claim: Claim, lease: Lease) -> Outcome:
        seen.append(dict(fields()))
        for name in ("fetch", "decode", "predict"):
            with step(name):
                pass
        return outcome

    Runner(UnitStore(redis), crashed=epitaph).run(unit, work)
    return seen


def test_a_single_picture_s_steps_are_in_the_trace_of_who_asked(
    server: ApiServer, receiver: OtlpReceiver, redis: Redis
) -> None:
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Request-ID": "r-9"}
    made = server.send("POST", "/api/v1/classifications", json={"url": "http://example.org/cat.jpg"}, headers=headers)
    server.send("GET", made.headers["Location"])
    job_id = made.json()["id"]
    start_tracing("single")
    failed = Outcome(status=Status.FAILED, error={"code": "http_status", "message": "404"})

    (line,) = run(redis, f"{job_id}:0", failed)

    spans = {span.name: span for span in receiver.wait_for(lambda spans: len(spans) >= 5)}
    assert {span.trace for span in spans.values()} == {TRACE}
    asked, unit = spans["POST /api/v1/classifications"], spans["classification unit"]
    assert (asked.parent, unit.parent) == (CALLER, asked.id)
    assert [spans[name].parent for name in ("fetch", "decode", "predict")] == [unit.id] * 3
    assert (asked.service, unit.service) == ("loupe-api", "loupe-single")
    assert (asked.attributes["http.response.status_code"], asked.failed) == (202, False)
    assert (unit.attributes["loupe.job.id"], unit.attributes["error.type"]) == (job_id, "http_status")
    assert unit.failed
    assert (line["request"], line["trace"]) == ("r-9", TRACE)


def test_a_list_has_one_trace_and_no_span_for_each_of_its_pictures(
    server: ApiServer, receiver: OtlpReceiver, redis: Redis
) -> None:
    job_id = server.send("POST", "/api/v1/classifications", json=LIST).json()["id"]
    start_tracing("list")

    run(redis, f"{job_id}:0", Outcome(done=3))

    spans = receiver.wait_for(lambda spans: len(spans) >= 2)
    assert [span.name for span in spans] == ["POST /api/v1/classifications", "classification unit"]
    assert len({span.trace for span in spans}) == 1
    assert (spans[1].attributes["loupe.items"], spans[1].attributes["loupe.outcome"]) == (3, "succeeded")


class Trained(ChildWork):
    """A training whose child says what one says that fails as it publishes."""

    def run(self, claim: Claim, lease: Lease) -> Json:
        for phase, epoch in (("preparing", 0), ("training", 1), ("training", 2), ("evaluating", 2), ("publishing", 2)):
            for _ in range(2):
                self.hear(lease, {"event": "progress", "phase": phase, "epoch": epoch})
        raise StorageFull("No space is left.")


def test_a_training_has_a_span_for_each_phase_and_epoch(receiver: OtlpReceiver, redis: Redis) -> None:
    job = JobStore(redis, ttl_s=600, max_queued_items=9).create(
        NewJob(new_id(), Kind.TRAINING, Queue.TRAIN, [NewUnit({})], {}, total=0)
    )
    start_tracing("trainer")
    units = UnitStore(redis)

    Runner(units, crashed=epitaph).run(f"{job.job.id}:0", Trained(units))

    spans = receiver.wait_for(lambda spans: len(spans) >= 7)
    unit, training = (next(span for span in spans if span.name == name) for name in ("training unit", "training"))
    phases = [span.name for span in spans if span.parent == unit.id]
    assert phases == ["preparing", "training", "evaluating", "publishing"]
    epochs = [span.attributes["loupe.epoch"] for span in spans if span.parent == training.id]
    assert epochs == [1, 2]
    assert [span.name for span in spans if span.failed] == ["publishing", "training unit"]
    assert {span.attributes["error.type"] for span in spans if span.failed} == {"storage_full"}


def test_gunicorn_s_own_lines_are_json_too(server: ApiServer) -> None:
    server.send("GET", "/healthz")
    server.process.terminate()
    server.process.wait(timeout=12)
    lines = (server.folder / "gunicorn.log").read_text("utf-8").splitlines()
    assert all(json.loads(line)["role"] == "api" for line in lines)


def test_where_no_collector_is_named_no_tracer_is_loaded() -> None:
    assert origin() == {}
    # redis-py itself loads OpenTelemetry's metrics where they are installed.
    heavy = ("shared.spans", "opentelemetry.exporter", "opentelemetry.sdk.trace", "google.protobuf", "requests")
    code = f"import sys, api.wsgi, worker.tasks; print([name for name in {heavy} if name in sys.modules])"
    environment = {"PATH": "/usr/bin:/bin"}
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert found.stdout.strip() == b"[]"
