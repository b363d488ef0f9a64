"""What becomes of a long answer when the key it was asked for with, or its session, is no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.support.access import SignedIn, add_key, bearer, revoke
from tests.support.manifests import toy_manifest
from tests.unit.api.access.conftest import KeyedWorld

Lose = Callable[[KeyedWorld], object]
Opened = Callable[[str], Iterator[bytes]]


def exchange(keyed: KeyedWorld) -> None:
    """Makes a new key of the same name."""
    revoke(keyed.path, "classify")
    add_key(keyed.path, "classify", "classify")


LOSE: dict[str, Lose] = {
    "the key is revoked": lambda keyed: revoke(keyed.path, "classify"),
    "the key is exchanged": exchange,
    "the file of keys is broken": lambda keyed: keyed.path.write_text("{}"),
    "the file of keys is gone": lambda keyed: keyed.path.unlink(),
}
STREAMS = (
    "/api/v1/jobs/{job}/events",
    "/api/v1/jobs/{job}/results?format=ndjson",
    "/api/v1/jobs/{job}/results?format=csv",
    "/api/v1/models/pets/versions/2/files/model.keras",
)


@pytest.fixture(autouse=True)
def _looked_at_each_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.access.streams.LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("api.resources.events.KEEP_ALIVE_S", 0.01)


@pytest.fixture
def job(keyed: KeyedWorld) -> str:
    """A list job that runs, with some outcomes."""
    items = [{"url": f"http://example.org/{n}.jpg"} for n in range(300)]
    answer = keyed.api.post(json={"items": items}, headers=bearer(keyed.keys["classify"]))
    assert answer.status_code == 202, answer.text
    job_id = str(answer.json["id"])  # type: ignore[index]
    keyed.api.work_on_list(job_id, chunks=2)
    return job_id


@pytest.fixture
def opened(keyed: KeyedWorld) -> Iterator[Opened]:
    """Opens a stream with the key of scope classify and returns its pieces, of which the first two have come."""
    # A file of many pieces.
    keyed.api.services.registry.publish(toy_manifest("pets", 2), {"model.keras": b"w" * 100_000})
    with ExitStack() as answers:

        def open_it(path: str) -> Iterator[bytes]:
            answer = keyed.api.get(path, headers=bearer(keyed.keys["classify"]), buffered=False)
            answers.callback(answer.close)
            assert answer.status_code == 200
            pieces = answer.iter_encoded()
            assert next(pieces)
            assert next(pieces)
            return pieces

        yield open_it


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize("lose", LOSE.values(), ids=LOSE)
def test_a_stream_breaks_off_when(lose: Lose, path: str, keyed: KeyedWorld, job: str, opened: Opened) -> None:
    pieces = opened(path.format(job=job))

    lose(keyed)

    with pytest.raises(BrokenPipeError):
        next(pieces)


@pytest.mark.parametrize("path", STREAMS)
def test_a_stream_goes_on_when_another_key_is_revoked(path: str, keyed: KeyedWorld, job: str, opened: Opened) -> None:
    pieces = opened(path.format(job=job))

    revoke(keyed.path, "train")

    assert next(pieces)


def test_a_stream_breaks_off_with_its_session(keyed: KeyedWorld, job: str) -> None:
    browser = SignedIn(keyed.api.app, keyed.keys["train"])
    pieces = browser.client.get(f"/api/v1/jobs/{job}/events").iter_encoded()
    assert next(pieces)
    assert next(pieces)

    browser.post("/sign-out")

    with pytest.raises(BrokenPipeError):
        next(pieces)


def test_a_stream_that_is_read_keeps_its_session_and_outlives_a_redis_that_is_away(
    keyed: KeyedWorld, job: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = SignedIn(keyed.api.app, keyed.keys["train"])
    pieces = browser.client.get(f"/api/v1/jobs/{job}/events").iter_encoded()
    assert next(pieces)
    (session,) = redis.keys("loupe:session:*")
    redis.expire(session, 5)
    assert next(pieces)
    assert redis.ttl(session) > 3600

    def away(*_: object, **__: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(keyed.api.services.redis, "getex", away)
    assert next(pieces)
    revoke(keyed.path, "train")
    with pytest.raises(BrokenPipeError):
        next(pieces)


def test_few_looks_are_taken_however_many_pieces_come(
    keyed: KeyedWorld, job: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.access.streams.LOOK_EVERY_S", 60.0)
    pieces = opened(f"/api/v1/jobs/{job}/results?format=ndjson")

    revoke(keyed.path, "classify")

    assert len(list(pieces)) > 50
