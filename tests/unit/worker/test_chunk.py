"""A chunk of a list, with a toy engine, real files and real hosts, also slow and silent ones."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from ipaddress import ip_network
from threading import Event, Timer

import numpy as np
import pytest

from shared.fetch import resolver
from shared.fetch.fetcher import Fetcher
from shared.jobs.files import image_path, input_path
from shared.jobs.lease import Lease, Stopping
from shared.jobs.model import Claim, Json, Kind
from shared.storage import Storage
from tests.support import origins
from tests.support.exchange import Exchange
from tests.support.launched import wait_until
from tests.support.origins import Origin
from tests.support.pictures import encode
from worker.chunk import ChunkWork
from worker.decoder import Decoder
from worker.host_pool import MOST_THREADS, HostPool
from worker.pictures import Pictures
from worker.pipeline import Pipeline
from worker.reader import Reader

DARK = encode(".jpg", np.full((60, 90, 3), 5, np.uint8))
SPEC = {"model": {"name": "pets", "version": None}, "top_k": 5, "threshold": 0.99}


@pytest.fixture
def work(pipeline: Pipeline, decoder: Decoder, storage: Storage) -> ChunkWork:
    return ChunkWork(pipeline, storage, Pictures(decoder, storage, keep=True), HostPool(8, 4))


def chunk_claim(storage: Storage, inputs: list[dict[str, object]], first: int, count: int) -> Claim:
    path = input_path("job", 10)
    storage.write_bytes(path, b"".join(json.dumps(item).encode() + b"\n" for item in inputs))
    payload = {"input": path, "base": 10}
    return Claim("job:4", "job", 2, payload, first, count, Kind.CLASSIFICATION, SPEC)


def test_a_chunk_writes_all_outcomes_in_order_under_its_attempt(work: ChunkWork, storage: Storage) -> None:
    storage.write_bytes("dark", DARK)
    storage.write_bytes("broken", b"neither this nor that")
    uploads = ["dark", "broken", "gone", "dark"]
    inputs = [{"index": 10 + n, "filename": f"{n}", "upload": path} for n, path in enumerate(uploads)]
    outcome = work(chunk_claim(storage, inputs, 10, 4), Lease("job:4", 2))
    assert (outcome.done, outcome.failed) == (4, 2)
    assert outcome.labels == {"cat": 2}
    assert outcome.errors == {"not_an_image": 1, "upload_missing": 1}
    assert outcome.results == "jobs/job/results/00000010-2.ndjson"
    written = [json.loads(line) for line in storage.read_bytes(outcome.results).splitlines()]
    assert [item["index"] for item in written] == [10, 11, 12, 13]


def test_a_split_unit_classifies_its_own_item_alone(work: ChunkWork, storage: Storage) -> None:
    storage.write_bytes("dark", DARK)
    inputs: list[dict[str, object]] = [{"index": 10, "upload": "gone"}, {"index": 11, "upload": "dark"}]
    outcome = work(chunk_claim(storage, inputs, 11, 1), Lease("job:4", 2))
    assert (outcome.done, outcome.failed, outcome.labels) == (1, 0, {"cat": 1})


def url_claim(storage: Storage, origin: Origin, *paths: str, first_index: int = 0) -> Claim:
    items = [{"index": first_index + n, "url": origin.url(path)} for n, path in enumerate(paths)]
    return chunk_claim(storage, items, 10, len(items))


def read_items(storage: Storage, path: str | None) -> list[Json]:
    return [json.loads(line) for line in storage.read_bytes(path or "").splitlines()]


def test_a_chunk_larger_than_a_batch_is_predicted_whole(work: ChunkWork, storage: Storage, origin: Origin) -> None:
    origin.on("/dark", origins.serve(DARK))
    paths = ["/dark"] * 40 + ["/gone"] + ["/dark"] * 40
    outcome = work(url_claim(storage, origin, *paths), Lease("job:4", 2))
    assert (outcome.done, outcome.failed, outcome.labels) == (81, 1, {"cat": 80})
    assert [item["index"] for item in read_items(storage, outcome.results)] == list(range(81))


def test_small_pictures_of_the_first_and_of_unsure_items_follow_the_outcome(
    work: ChunkWork, storage: Storage, origin: Origin
) -> None:
    # Given a sure picture, and an unsure one, at the end of the pictures that are all kept
    origin.on("/sure", origins.serve(encode(".jpg", np.full((600, 900, 3), 255, np.uint8))))
    origin.on("/unsure", origins.serve(encode(".jpg", np.full((600, 900, 3), 127, np.uint8))))
    claim = url_claim(storage, origin, "/sure", "/sure", "/unsure", first_index=999)
    # When they are classified
    outcome = work(claim, Lease("job:4", 2))
    assert not storage.exists(image_path("job", 999))
    outcome.after(False)
    # Then
    assert [storage.exists(image_path("job", index)) for index in (999, 1000, 1001)] == [True, False, True]


def test_a_slow_item_holds_up_no_other_chunk(work: ChunkWork, storage: Storage, origin: Origin) -> None:
    # Given a chunk whose items have all begun, and one of them at a silent host
    origin.on("/dark", origins.serve(DARK))
    origin.on("/silent", origins.silent())
    begun = Event()
    slow = url_claim(storage, origin, "/dark", "/silent")
    with ThreadPoolExecutor(1) as thread:
        ending = thread.submit(work, slow, Lease("job:4", 2), begun.set)
        assert begun.wait(1)
        # When another chunk of the same host comes
        started = time.monotonic()
        other = work(url_claim(storage, origin, *["/dark"] * 40), Lease("job:5", 1))
        # Then it does not wait for the first, which ends at its own deadline
        assert time.monotonic() - started < 1
        assert not ending.done()
        assert (other.done, other.failed) == (40, 0)
        assert ending.result().errors == {"fetch_timeout": 1}


def test_a_canceled_chunk_ends_at_once_with_what_is_done(work: ChunkWork, storage: Storage, origin: Origin) -> None:
    # Given a chunk with more silent items than its host may have connections
    origin.on("/gone", origins.status(404))
    origin.on("/silent", origins.silent())
    lease = Lease("job:4", 2)
    claim = url_claim(storage, origin, "/gone", *["/silent"] * 10)
    # When its job is canceled
    Timer(0.3, lambda: setattr(lease, "state", "canceling")).start()
    started = time.monotonic()
    outcome = work(claim, lease)
    # Then nobody waits for them
    assert time.monotonic() - started < 1
    assert (outcome.done, outcome.failed) == (1, 1)


def test_a_chunk_of_a_stopping_process_is_given_back(work: ChunkWork, storage: Storage, origin: Origin) -> None:
    origin.on("/silent", origins.silent())
    lease = Lease("job:4", 2)
    Timer(0.3, lambda: setattr(lease, "state", "stopping")).start()
    with pytest.raises(Stopping):
        work(url_claim(storage, origin, "/silent"), lease)


def test_items_that_wait_their_turn_do_not_look_stuck(work: ChunkWork, storage: Storage, origin: Origin) -> None:
    origin.on("/silent", origins.silent())
    lease = Lease("job:4", 2)
    lease.allow(0)
    claim = url_claim(storage, origin, *["/silent"] * 9)
    with ThreadPoolExecutor(1) as thread:
        ending = thread.submit(work, claim, lease)
        time.sleep(1)
        assert lease.stalled_s < 0
        lease.state = "canceling"
        ending.result()


def test_a_slow_host_that_many_redirect_to_holds_up_no_other(
    pipeline: Pipeline, decoder: Decoder, storage: Storage, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given more hosts than threads, that all redirect to one that is slow
    go_on = Event()

    def held(exchange: Exchange) -> bool | None:
        go_on.wait(300)
        return origins.serve(DARK)(exchange)

    origin.on("/dark", origins.serve(DARK))
    with (
        closing(Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=300, per_host=8)) as fetcher,
        ThreadPoolExecutor(2) as pool,
        ExitStack() as stack,
    ):
        monkeypatch.setattr(pipeline, "_reader", Reader(storage, fetcher, 1_000_000))
        work = ChunkWork(pipeline, storage, Pictures(decoder, storage, keep=False), HostPool(12, 2))
        slow = stack.enter_context(Origin())
        slow.on("/dark", held)
        hosts = [stack.enter_context(Origin()) for _ in range(20)]
        stack.callback(go_on.set)
        for host in hosts:
            host.on("/", origins.redirect(slow.url("/dark")))
        items = [{"index": n, "url": host.url("/")} for n, host in enumerate(hosts)]
        # When they are in one list, and a picture of another host in the next
        long = pool.submit(work, chunk_claim(storage, items, 10, 20), Lease("job:4", 2))
        wait_until(lambda: slow.hits()["/dark"] == 8, 30, "the slow host is asked for as many as it may be")
        other = pool.submit(work, url_claim(storage, origin, "/dark"), Lease("job:5", 1))
        # Then that one does not wait for them, and they all come to their end
        assert other.result(30).labels == {"cat": 1}
        assert not long.done()
        go_on.set()
        assert long.result(60).labels == {"cat": 20}


def test_many_names_that_are_slow_to_look_up_hold_up_no_other(
    pipeline: Pipeline, decoder: Decoder, storage: Storage, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given 200 names that no server answers for, which nobody gives up, and good ones, in one list
    monkeypatch.setattr(resolver, "LOOKUP_TIMEOUT_S", 300)
    answer = Event()

    def look_up(name: str) -> list[str]:
        return ["127.0.0.1"] if name.startswith("good") or answer.wait(300) else []

    origin.on("/dark", origins.serve(DARK))
    names = [f"slow{n}.test" for n in range(200)] + [f"good{n}.test" for n in range(20)]
    items = [{"index": n, "url": origin.url("/dark", host=name)} for n, name in enumerate(names)]
    with (
        closing(Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=300, resolver=look_up)) as fetcher,
        ThreadPoolExecutor(2) as pool,
        ExitStack() as ending,
    ):
        ending.callback(answer.set)
        monkeypatch.setattr(pipeline, "_reader", Reader(storage, fetcher, 1_000_000))
        pictures = Pictures(decoder, storage, keep=False)
        work = ChunkWork(pipeline, storage, pictures, HostPool(MOST_THREADS, 8))
        # When they are classified, the slow ones first
        long = pool.submit(work, chunk_claim(storage, items, 10, 220), Lease("job:4", 2))
        # Then the good ones are fetched while they wait, and so is another list's picture
        wait_until(lambda: origin.hits()["/dark"] == 20, 30, "the good ones are fetched")
        other = pool.submit(work, url_claim(storage, origin, "/dark"), Lease("job:5", 1))
        assert other.result(30).labels == {"cat": 1}
        assert not long.done()
        answer.set()
        assert long.result(60).labels == {"cat": 220}
