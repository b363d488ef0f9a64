"""The item as clients see it."""

from __future__ import annotations

from shared.errors import HttpStatus
from shared.items import ItemInput, Prediction, chunk_outcome, failed, single_outcome, succeeded
from shared.jobs.model import Status

FIELDS = [
    "index",
    "id",
    "url",
    "filename",
    "status",
    "label",
    "score",
    "predictions",
    "below_threshold",
    "model",
    "timings",
    "error",
]


def good(index: int = 0, score: float = 0.75) -> dict[str, object]:
    predictions = [Prediction("cat", score), Prediction("dog", 1 - score)]
    item = ItemInput(index=index, url="http://user:secret@example.org/a.png")
    model = {"name": "pets", "version": 3}
    return succeeded(item, predictions=predictions, model=model, timings={"fetch_ms": 1.23456}, threshold=0.6)


def bad() -> dict[str, object]:
    return failed(ItemInput(index=1, filename="a.png"), HttpStatus("The host answered 404."))


def test_good_and_bad_items_have_the_same_fields() -> None:
    assert list(good()) == list(bad()) == FIELDS


def test_credentials_in_an_address_are_never_shown() -> None:
    assert "secret" not in str(good()["url"])


def test_a_score_below_the_threshold_is_marked_and_still_answered() -> None:
    assert (good(score=0.75)["below_threshold"], good(score=0.5)["below_threshold"]) == (False, True)
    assert good(score=0.5)["label"] == "cat"


def test_a_single_job_s_error_is_its_item_s() -> None:
    outcome = single_outcome(bad())
    assert outcome.status is Status.FAILED
    assert outcome.error == {"code": "http_status", "message": "The host answered 404."}
    assert (outcome.done, outcome.failed) == (1, 1)


def test_a_chunk_adds_up_its_items() -> None:
    outcome = chunk_outcome([good(), bad(), good(2, score=0.5)], "somewhere")
    assert (outcome.done, outcome.failed, outcome.status) == (3, 1, None)
    assert outcome.below_threshold == 1
    assert (outcome.labels, outcome.errors) == ({"cat": 2}, {"http_status": 1})


def test_an_item_whose_url_came_again_counts_for_its_repeats() -> None:
    thrice = failed(ItemInput.of({"index": 0, "url": "x", "repeats": 2}), HttpStatus())
    outcome = chunk_outcome([good(), thrice], None)
    assert (outcome.done, outcome.failed) == (4, 3)
    assert (outcome.labels, outcome.errors) == ({"cat": 1}, {"http_status": 3})
