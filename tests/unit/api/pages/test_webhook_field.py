"""Who is told of the end, asked for on the pages that start something long."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from redis import Redis

from tests.support.page_world import PageWorld
from tests.support.receiver import SECRET
from tests.support.redis_server import RedisServer

HOOK = "https://93.184.216.34/loupe"
LABEL = "Tell this address when it ends"
TRAINING = {"recipe": "modern", "dataset": "pets", "model": "pets"}
SCHEDULE = TRAINING | {"name": "weekly", "cron": "0 3 * * 1", "timezone": "Europe/Paris"}
LIST = {"list": "http://a/1.png", "model": "shapes", "do": "start"}


@pytest.fixture
def world(redis_server: RedisServer, redis: Redis, tmp_path: Path) -> Iterator[PageWorld]:
    """A Loupe that can sign what it tells, with a dataset and a model."""
    built = PageWorld(redis_server.url, tmp_path / "var", webhook_secret=SecretStr(SECRET))
    built.dataset("pets")
    built.publish()
    yield built
    built.redis.connection_pool.disconnect()


@pytest.mark.parametrize(("path", "sent"), [("/train", TRAINING), ("/batch", LIST)])
def test_what_is_started_tells_the_address(
    world: PageWorld, browser: FlaskClient, path: str, sent: dict[str, str]
) -> None:
    assert LABEL in browser.get(path).text
    answer = browser.post(path, data=sent | {"webhook": f" {HOOK} "} | _no_file(path))
    assert answer.status_code == 303, answer.text
    job = world.jobs.get(answer.location.rpartition("/")[2])
    assert job.spec["webhook"] == HOOK
    assert "It is told when the job has ended." in browser.get(f"/jobs/{job.id}").text


@pytest.mark.parametrize(("path", "sent"), [("/train", TRAINING), ("/batch", LIST)])
def test_an_empty_field_tells_nobody(world: PageWorld, browser: FlaskClient, path: str, sent: dict[str, str]) -> None:
    answer = browser.post(path, data=sent | {"webhook": " "} | _no_file(path))
    assert "webhook" not in world.jobs.get(answer.location.rpartition("/")[2]).spec


@pytest.mark.parametrize(("path", "sent"), [("/train", TRAINING), ("/batch", LIST)])
def test_an_address_that_cannot_be_told_comes_back_with_the_reason(
    browser: FlaskClient, path: str, sent: dict[str, str]
) -> None:
    answer = browser.post(path, data=sent | {"webhook": "http://127.0.0.1/hook"} | _no_file(path))
    assert answer.status_code == 422
    assert "loopback" in answer.text
    assert "webhook_not_allowed" in answer.text
    assert re.search(r'value="http://127.0.0.1/hook"[^>]* name="webhook"', answer.text)


def test_without_a_secret_there_is_no_such_field(redis_server: RedisServer, redis: Redis, tmp_path: Path) -> None:
    plain = PageWorld(redis_server.url, tmp_path / "plain")
    plain.dataset("pets")
    plain.publish()
    for path in ("/train", "/batch"):
        assert LABEL not in plain.app.test_client().get(path, headers={"Accept": "text/html"}).text
    plain.redis.connection_pool.disconnect()


def test_a_schedule_tells_the_address_after_each_run(world: PageWorld, browser: FlaskClient) -> None:
    assert LABEL in browser.get("/train/schedule").text
    assert browser.post("/train/schedule", data=SCHEDULE | {"webhook": HOOK}).status_code == 303
    assert told_of_the_schedule(world) == HOOK
    # What the form shows is without the password, and saves nothing else than there was.
    secret = HOOK.replace("//", "//ann:secret@")
    assert browser.post("/schedules/weekly/edit", data=SCHEDULE | {"webhook": secret}).status_code == 303
    page = browser.get("/schedules/weekly/edit").text
    assert "secret" not in page
    (shown,) = re.findall(r'value="([^"]*)"[^>]* name="webhook"', page)
    assert browser.post("/schedules/weekly/edit", data=SCHEDULE | {"webhook": shown}).status_code == 303
    assert told_of_the_schedule(world) == secret
    assert browser.post("/schedules/weekly/edit", data=SCHEDULE | {"webhook": ""}).status_code == 303
    assert told_of_the_schedule(world) is None


def told_of_the_schedule(world: PageWorld) -> str | None:
    webhook = world.schedules.get("weekly").training.webhook
    return webhook.url if webhook else None


def _no_file(path: str) -> dict[str, tuple[io.BytesIO, str]]:
    return {"file": (io.BytesIO(b""), "")} if path == "/batch" else {}
