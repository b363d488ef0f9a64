"""Why a job waits: who is before it and for about how long."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from shared.heartbeat import Heartbeat
from shared.jobs import keys
from shared.jobs.model import Outcome, Status
from tests.support.page_world import PageWorld


def there(world: PageWorld, role: str) -> None:
    Heartbeat(world.redis, role, lambda: ("ready", [])).beat()


def ended(world: PageWorld, job_id: str, took_s: float) -> None:
    """Ends a job as if it had been begun so long ago."""
    world.start(job_id)
    job = world.finish(job_id, Outcome(done=world.jobs.get(job_id).progress["total"], status=Status.SUCCEEDED))
    assert job.finished_at is not None
    world.redis.hset(keys.job(job_id), "started_at", int((job.finished_at - took_s) * 1000))


def why(browser: FlaskClient, job_id: str) -> str:
    """Returns what the page of a waiting job says about the jobs before it."""
    found = re.search(r"[^<>]*ahead of it[^<>]*|[^<>]*next in line[^<>]*", browser.get(f"/jobs/{job_id}").text)
    assert found is not None
    return found[0]


def test_a_training_waits_for_trainings_and_imports(world: PageWorld, browser: FlaskClient) -> None:
    there(world, "trainer")
    importing, first, second = world.importing(), world.training(), world.training()
    assert why(browser, importing).startswith("It is next in line")
    assert why(browser, first) == "1 job is ahead of it."
    assert why(browser, second) == "2 jobs are ahead of it."


def test_how_long_is_known_from_what_runs_and_from_what_has_ended(world: PageWorld, browser: FlaskClient) -> None:
    there(world, "trainer")
    for took_s in (20, 30, 100):
        ended(world, world.training(), took_s)
    running, waiting = world.training(), world.training()
    world.start(running, {"done": 3, "total": 10, "eta_s": 10})
    last = world.training()
    assert why(browser, waiting) == "1 job is ahead of it, about 10\u202fs."
    assert why(browser, last) == "2 jobs are ahead of it, about 40\u202fs."


def test_a_list_waits_by_the_picture(shapes: PageWorld, browser: FlaskClient) -> None:
    there(shapes, "list")
    ended(shapes, shapes.listing(100), 20)
    shapes.listing(600)
    assert why(browser, shapes.listing(5)) == "1 job is ahead of it, about 2\u202fmin."


def test_two_trainers_take_half_as_long(world: PageWorld, browser: FlaskClient) -> None:
    beats = [Heartbeat(world.redis, "trainer", lambda: ("ready", [])) for _ in range(2)]
    for number, beat in enumerate(beats):
        beat._id = f"trainer@{number}"
        beat.beat()
    ended(world, world.training(), 60)
    world.training()
    assert why(browser, world.training()) == "1 job is ahead of it, about 30\u202fs."
