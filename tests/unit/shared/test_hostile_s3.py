"""A storage on an S3 that is hostile or broken: every call ends soon, with what is true or a clean error."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from itertools import count

import pytest

from shared import storage as storage_module
from shared.errors import StorageUnavailable
from shared.storage import Storage
from tests.support import hostile_s3
from tests.support.hostile_s3 import HEAD, Answer, Handler, HostileS3, listing

numbers = count()


def short(handler: Handler) -> None:
    """Sends a part of what it says, and closes."""
    handler.begin(length=10_000)
    handler.wfile.write(b"<x>")


# Each entity is ten of the one before: 10 GB of text in 2 kB.
BOMB = f"""<!DOCTYPE l [<!ENTITY a "{"a" * 1000}">{
    "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(7))
}]><ListBucketResult><Contents><Key>files/&h;</Key><Size>1</Size></Contents></ListBucketResult>"""
OUTSIDE = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + listing("files/a").replace(HEAD, "").replace(
    "files/a", "files/&x;"
)
PAGE = "<html><body>Sign in</body></html>"
ERROR = HEAD + "<Error><Code>{}</Code></Error>"

LISTINGS: dict[str, Answer] = {
    "the same token again and again": lambda h: h.send(listing("files/a", token="again")),
    "other tokens without end": lambda h: h.send(
        listing(*(f"files/{next(numbers)}" for _ in range(1000)), token=f"t{next(numbers)}")
    ),
    "more to come and no token": lambda h: h.send(listing("files/a", token="x").replace("NextC", "NoC")),
    "a NUL in a name": lambda h: h.send(listing("files/a").replace("files/a", "files/a&#0;b")),
    "entities that grow": lambda h: h.send(BOMB),
    "an entity from a file": lambda h: h.send(OUTSIDE),
    "a page": lambda h: h.send(PAGE, Content_Type="text/html; charset=utf-8"),
    "nothing": lambda h: h.send(""),
    "half of an answer": lambda h: h.send(listing("files/a")[:150]),
    "folders in folders": lambda h: h.send("<a>" * 50_000),
    "a size that is no number": lambda h: h.send(listing("files/a").replace("<Size>1<", "<Size>many<")),
    "no size": lambda h: h.send(listing("files/a").replace("<Size>1</Size>", "")),
}
ANSWERS: dict[str, Answer] = {
    "silence": hostile_s3.silent,
    "a byte at a time": lambda h: h.trickle(b"<", 10_000_000),
    "less than it says": short,
    "a fault": lambda h: h.send(ERROR.format("InternalError"), 500),
    "that it is busy": lambda h: h.send(ERROR.format("SlowDown"), 503),
    "that nobody may": lambda h: h.send(ERROR.format("AccessDenied"), 403),
    "a length that is none": lambda h: h.begin(Content_Length="-5"),
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_module, "ANSWER_S", 1.0)


def asked(answer: Answer, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Storage], object]) -> object:
    """Asks a storage on a server that gives one answer to everything."""
    with HostileS3(answer) as server, monkeypatch.context() as environment:
        for name, value in server.environment.items():
            environment.setenv(name, value)
        storage = Storage(server.url)
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        try:
            return ask(storage)
        finally:
            # The deadline and what a busy machine takes; some MB for what came meanwhile.
            assert time.monotonic() - began < 15
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024


@pytest.mark.parametrize("answer", [*LISTINGS.values(), *ANSWERS.values()], ids=[*LISTINGS, *ANSWERS])
def test_a_listing_that_is_none_is_a_storage_that_is_away(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageUnavailable, match=r"listing the storage: \w"):
        asked(answer, monkeypatch, Storage.names)


ASK: dict[str, Callable[[Storage], object]] = {
    "read": lambda storage: storage.read_bytes("a"),
    "read a part": lambda storage: storage.read_range("a", 0, 10),
    "open": lambda storage: storage.open_read("a").__enter__(),
    "copy": lambda storage: storage.local_path("a"),
    "write": lambda storage: storage.write_bytes("a", b"1"),
    "look for": lambda storage: storage.exists("a"),
    "delete": lambda storage: storage.delete("a"),
}


# For these the head of an answer is enough.
HEADS = ("look for", "write")


@pytest.mark.parametrize(
    ("answer", "ask"),
    [*(("silence", ask) for ask in ASK), *(("a byte at a time", ask) for ask in ASK if ask not in HEADS)],
)
def test_whatever_is_asked_of_it_ends(answer: str, ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageUnavailable, match="no whole answer in time"):
        asked(ANSWERS[answer], monkeypatch, ASK[ask])


@pytest.mark.parametrize("answer", ["less than it says", "a fault", "a length that is none"])
def test_a_file_that_does_not_come_is_a_storage_that_is_away(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageUnavailable, match=r"reading a: \w"):
        asked(ANSWERS[answer], monkeypatch, ASK["read"])


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("ask", [Storage.names, ASK["read"]], ids=["list", "read"])
def test_no_redirect_is_followed(
    status: int, ask: Callable[[Storage], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with HostileS3(lambda h: h.send(listing("files/stolen"))) as other:
        where = f"{other.endpoint}/latest/meta-data"
        # S3 itself says 301 and 307 of buckets that are elsewhere, and where.
        region = {"x_amz_bucket_region": "x@127.0.0.1"}
        monkeypatch.setattr(storage_module, "ANSWER_S", 30.0)

        with pytest.raises(StorageUnavailable, match="redirects"):
            asked(lambda h: h.send("", status, Location=where, **region), monkeypatch, ask)

        assert other.hits == []


def test_what_no_path_may_name_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = (
        *(
            "files/..",
            "files/../../etc/passwd",
            "/etc/passwd",
            "files//",
            "files//x",
            "files/",
            "",
            "other/x",
            "filesx",
        ),
        *("files/.hidden", "files/a\\b", f"files/{'k' * 10_000}", "files/a", "files/a&b"),
    )

    monkeypatch.setattr(storage_module, "ANSWER_S", 30.0)
    assert asked(lambda h: h.send(listing(*keys)), monkeypatch, Storage.names) == ["a", "a&b"]
