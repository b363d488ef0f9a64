"""Every item error code over HTTP, provoked by a real local server or file, on real processes.

None of them may kill a worker or hurt another job: the last test of each kind of input is the same good picture.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import origins, pictures
from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin

PICTURE = pictures.encode(".png", pictures.photo())

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow]

CERTIFICATE = Path(__file__).parents[1] / "support" / "certificates" / "server.pem"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def by_url(loupe: RunningLoupe, url: str) -> dict[str, Any]:
    return loupe.classify(json={"url": url})


def by_upload(loupe: RunningLoupe, data: bytes, name: str = "picture.jpg") -> dict[str, Any]:
    return loupe.classify(files={"file": (name, data)})


def code(job: dict[str, Any]) -> str:
    """Returns the code of a failed single job, whose error is its item's."""
    assert job["status"] == "failed", job
    item = job["result"]
    assert item["error"] == job["error"]
    assert (item["status"], item["label"], item["score"], item["predictions"]) == ("failed", None, None, [])
    assert len(job["error"]["message"]) > 10
    return str(job["error"]["code"])


@pytest.fixture(scope="module", autouse=True)
def logged_before(loupe: RunningLoupe) -> int:
    """How long the log is before the first test here; what others made of this Loupe on purpose stands before."""
    return len(loupe.log.read_text())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("not a url", "invalid_url"),
        ("http://", "invalid_url"),
        ("ftp://127.0.0.1/a.png", "scheme_not_allowed"),
        ("file:///etc/passwd", "scheme_not_allowed"),
        ("http://10.0.3.7/a.png", "address_not_allowed"),
        ("http://[::1]/a.png", "address_not_allowed"),
        ("http://169.254.169.254/latest/meta-data", "address_not_allowed"),
        ("http://127.0.0.1:1/a.png", "connect_failed"),
    ],
)
def test_an_address_that_cannot_be_fetched(loupe: RunningLoupe, url: str, expected: str) -> None:
    assert code(by_url(loupe, url)) == expected


def test_a_name_without_an_address(loupe: RunningLoupe) -> None:
    assert code(by_url(loupe, "http://no-such-host.invalid/a.png")) == "dns_failed"


def test_a_host_that_redirects_for_ever(loupe: RunningLoupe, origin: Origin) -> None:
    origin.on("/loop", origins.redirect("/loop"))
    assert code(by_url(loupe, origin.url("/loop"))) == "too_many_redirects"


def test_a_redirect_to_a_private_address(loupe: RunningLoupe, origin: Origin) -> None:
    origin.on("/inside", origins.redirect("http://10.0.0.1/a.png"))
    assert code(by_url(loupe, origin.url("/inside"))) == "address_not_allowed"


def test_a_host_that_says_404(loupe: RunningLoupe, origin: Origin) -> None:
    job = by_url(loupe, origin.url("/missing.png"))
    assert code(job) == "http_status"
    assert "404" in job["error"]["message"]


def test_a_host_whose_certificate_nobody_knows(loupe: RunningLoupe) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with Origin(tls=context) as origin:
        assert code(by_url(loupe, origin.url("/a.png"))) == "tls_failed"


def test_a_host_that_never_answers(loupe: RunningLoupe, origin: Origin) -> None:
    origin.on("/silent", origins.silent())
    assert code(by_url(loupe, origin.url("/silent"))) == "fetch_timeout"


def test_a_body_that_never_ends(loupe: RunningLoupe, origin: Origin) -> None:
    origin.on("/endless", origins.endless())
    assert code(by_url(loupe, origin.url("/endless"))) == "too_large"


def test_a_web_page_that_calls_itself_a_picture(loupe: RunningLoupe, origin: Origin) -> None:
    origin.on("/page.jpg", origins.serve(b"<!doctype html><title>Hello</title>", content_type="image/jpeg"))
    assert code(by_url(loupe, origin.url("/page.jpg"))) == "not_an_image"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(pictures.truncated_jpeg(), id="truncated jpeg"),
        pytest.param(pictures.huge_chunk_png(), id="png whose chunk claims 4 GB"),
    ],
)
def test_an_upload_that_is_no_picture(loupe: RunningLoupe, data: bytes) -> None:
    assert code(by_upload(loupe, data)) == "not_an_image"


def test_a_small_file_that_claims_439_million_pixels(loupe: RunningLoupe) -> None:
    assert code(by_upload(loupe, pictures.huge_jpeg())) == "too_many_pixels"


def test_a_picture_of_one_byte_too_many(loupe: RunningLoupe) -> None:
    data = PICTURE + b"\0" * (20 * MIB + 1)
    assert code(by_upload(loupe, data[: 20 * MIB + 1])) == "too_large"


def test_one_bad_picture_in_a_list_hurts_no_other(loupe: RunningLoupe, origin: Origin) -> None:
    # Given a list in which every second picture is bad in another way
    origin.on("/good.png", origins.serve(PICTURE))
    origin.on("/reset", origins.reset_mid_body())
    bad = [origin.url("/missing"), "gopher://x", origin.url("/reset"), "http://192.168.0.1/"]
    urls = [url for pair in zip(bad, [origin.url("/good.png")] * 4, strict=True) for url in pair]
    # When it is classified
    job = loupe.classify(json={"urls": urls})
    # Then the good ones have an answer and the bad ones their reason, in the order of the list
    assert (job["status"], job["progress"]) == ("succeeded", {"done": 8, "failed": 4, "total": 8})
    items = loupe.get(f"{job['links']['results']}").json()["items"]
    codes = [item["error"]["code"] if item["error"] else item["status"] for item in items]
    assert codes == [
        "http_status",
        "succeeded",
        "scheme_not_allowed",
        "succeeded",
        "connect_failed",
        "succeeded",
        "address_not_allowed",
        "succeeded",
    ]


def test_after_all_that_the_same_workers_live_and_answer(
    loupe: RunningLoupe, origin: Origin, logged_before: int
) -> None:
    origin.on("/good.png", origins.serve(PICTURE))
    assert by_url(loupe, origin.url("/good.png"))["status"] == "succeeded"
    assert "Traceback" not in loupe.log.read_text()[logged_before:]
