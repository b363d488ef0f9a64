"""One picture through the pipeline, and a chunk of them, with a toy engine and real files."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from shared.fetch import slots
from shared.imaging import inspect
from shared.items import ItemInput
from shared.jobs.files import single_image_path, upload_path
from shared.jobs.lease import Crowded, JobCanceled, Lease
from shared.jobs.model import Claim, Kind, Status
from shared.settings import Settings
from shared.storage import Storage
from tests.support import origins
from tests.support.engines import BrightnessEngine
from tests.support.launched import wait_until
from tests.support.origins import Origin
from tests.support.pictures import encode, photo
from worker.decoder import Decoder
from worker.outcome import Ready, Request
from worker.pictures import Pictures
from worker.pipeline import Pipeline
from worker.single import SingleWork

BRIGHT = encode(".png", np.full((600, 900, 3), 250, np.uint8))
DARK = encode(".jpg", np.full((60, 90, 3), 5, np.uint8))
SPEC = {"model": {"name": "pets", "version": None}, "top_k": 5, "threshold": 0.99}

# The default of LOUPE_FETCH_PER_HOST.
PER_HOST = Settings().fetch_per_host


def classify(pipeline: Pipeline, item: ItemInput) -> dict[str, object]:
    return pipeline.classify(item, Request.of(SPEC), Lease("unit", 1)).item


def test_a_picture_by_url_gets_its_label_and_timings(pipeline: Pipeline) -> None:
    with Origin() as origin:
        origin.on("/bright.png", origins.serve(BRIGHT))
        item = classify(pipeline, ItemInput(index=3, id="mine", url=origin.url("/bright.png")))
    assert (item["status"], item["label"], item["id"], item["index"]) == ("succeeded", "dog", "mine", 3)
    assert item["model"] == {"name": "pets", "version": 1}
    assert [p["label"] for p in item["predictions"]] == ["dog", "cat"]  # type: ignore[attr-defined]
    assert item["score"] == pytest.approx(250 / 255, abs=1e-5)
    assert item["below_threshold"] is True
    assert set(item["timings"]) == {"fetch_ms", "decode_ms", "predict_ms"}  # type: ignore[call-overload]
    assert item["error"] is None


@pytest.mark.parametrize("small_side", [None, 240])
def test_what_the_model_sees_does_not_depend_on_the_small_copy(
    pipeline: Pipeline, storage: Storage, small_side: int | None
) -> None:
    storage.write_bytes("photo", encode(".jpg", photo(500, 375)))
    item, lease = ItemInput(upload="photo"), Lease("unit", 1)
    ready = [pipeline.prepare(item, Request.of(SPEC), lease, side) for side in (0, small_side)]
    assert all(isinstance(each, Ready) for each in ready)
    np.testing.assert_array_equal(ready[0].inputs, ready[1].inputs)  # type: ignore[union-attr]


def test_an_upload_that_is_gone_is_the_item_s_error(pipeline: Pipeline) -> None:
    item = classify(pipeline, ItemInput(filename="a.png", upload="jobs/x/uploads/0"))
    assert item["error"] == {
        "code": "upload_missing",
        "message": "The uploaded picture is no longer in storage. Upload it again.",
    }


def test_an_upload_of_too_many_bytes_is_not_decoded(pipeline: Pipeline, storage: Storage) -> None:
    storage.write_bytes("big", BRIGHT + bytes(1_000_001))
    item = classify(pipeline, ItemInput(filename="a.png", upload="big"))
    assert item["error"]["code"] == "too_large"  # type: ignore[index]


def test_a_model_that_is_gone_is_the_item_s_error(pipeline: Pipeline, storage: Storage) -> None:
    storage.write_bytes("dark", DARK)
    gone = Request("birds", None, 5, None)
    item = pipeline.classify(ItemInput(upload="dark"), gone, Lease("unit", 1)).item
    assert item["error"]["code"] == "model_not_found"
    assert item["model"] == {"name": "birds", "version": None}


def test_credentials_of_an_address_are_not_shown(pipeline: Pipeline) -> None:
    item = classify(pipeline, ItemInput(url="http://user:secret@127.0.0.1:1/a.png"))
    assert "secret" not in json.dumps(item)


def test_a_canceled_job_s_picture_is_not_begun(pipeline: Pipeline) -> None:
    lease = Lease("unit", 1)
    lease.state = "canceling"
    with pytest.raises(JobCanceled):
        pipeline.classify(ItemInput(url="http://127.0.0.1:1/"), Request.of(SPEC), lease)


def test_a_picture_whose_host_is_busy_goes_back_once_others_want_its_thread(
    pipeline: Pipeline, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "LOOK_EVERY_S", 0.05)
    origin.on("/silent", origins.silent())
    asked = ItemInput(url=origin.url("/silent"))
    with ThreadPoolExecutor(PER_HOST) as others:
        waiting = [others.submit(classify, pipeline, asked) for _ in range(PER_HOST)]
        wait_until(lambda: origin.hits()["/silent"] == PER_HOST, 2, "the host is busy")
        lease = Lease("unit", 1)
        lease.give_way_when(lambda: True)
        with pytest.raises(Crowded):
            pipeline.classify(asked, Request.of(SPEC), lease)
        origin.close()
    assert all(other.result()["error"] for other in waiting)


def single_claim(storage: Storage, data: bytes) -> Claim:
    upload = upload_path("job", 0)
    storage.write_bytes(upload, data)
    payload = {"item": {"id": None, "url": None, "filename": "a", "upload": upload}}
    return Claim("job:0", "job", 1, payload, 0, 1, Kind.CLASSIFICATION, SPEC)


def test_a_single_job_ends_with_its_item_and_keeps_a_small_picture(
    pipeline: Pipeline, decoder: Decoder, storage: Storage
) -> None:
    work = SingleWork(pipeline, Pictures(decoder, storage, keep=True))
    outcome = work(single_claim(storage, BRIGHT), Lease("job:0", 1))
    outcome.after(False)
    assert outcome.status is Status.SUCCEEDED
    assert outcome.labels == {"dog": 1}
    assert inspect(storage.read_bytes(single_image_path("job")), max_pixels=10**6).format == "JPEG"
    assert storage.exists(upload_path("job", 0))


def test_a_picture_that_no_model_could_answer_is_there_to_be_looked_at(
    pipeline: Pipeline, decoder: Decoder, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: BrightnessEngine, batch: object) -> object:
        raise ZeroDivisionError

    work = SingleWork(pipeline, Pictures(decoder, storage, keep=True))
    claim = single_claim(storage, BRIGHT)
    # It answers while it is loaded, and no more after that.
    pipeline.prepare(ItemInput(upload=upload_path("job", 0)), Request.of(SPEC), Lease("job:0", 1))
    monkeypatch.setattr(BrightnessEngine, "predict", broken)
    outcome = work(claim, Lease("job:0", 1))
    outcome.after(False)
    assert outcome.errors == {"internal": 1}
    assert storage.exists(single_image_path("job"))


@pytest.mark.parametrize(("others_wait", "longest"), [(False, 250), (True, 125)])
def test_while_others_wait_the_small_picture_is_one_of_what_the_model_saw(
    pipeline: Pipeline, decoder: Decoder, storage: Storage, others_wait: bool, longest: int
) -> None:
    work = SingleWork(pipeline, Pictures(decoder, storage, keep=True))
    work(single_claim(storage, encode(".jpg", photo(1000, 750))), Lease("job:0", 1)).after(others_wait)
    small = inspect(storage.read_bytes(single_image_path("job")), max_pixels=10**6)
    assert max(small.width, small.height) == longest


def test_without_keep_images_nothing_of_the_picture_stays(
    pipeline: Pipeline, decoder: Decoder, storage: Storage
) -> None:
    work = SingleWork(pipeline, Pictures(decoder, storage, keep=False))
    outcome = work(single_claim(storage, BRIGHT), Lease("job:0", 1))
    # The upload stays until the outcome stands: another attempt may need it.
    assert storage.exists(upload_path("job", 0))
    outcome.after(False)
    assert storage.names("jobs/job/uploads") == []
    assert not storage.exists(single_image_path("job"))
