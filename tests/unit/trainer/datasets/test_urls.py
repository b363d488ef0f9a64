from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from shared.errors import BadSource, TooFewPictures
from tests.support import origins
from tests.support.imports import Imports, codes, picture, refusals
from tests.support.origins import Origin

SOURCE = {"type": "urls", "path": "list.csv"}


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        for number in range(16):
            server.on(f"/{number}.jpg", origins.serve(picture(number)))
        yield server


@pytest.fixture
def dead() -> str:
    """A host that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def write(imports: Imports, *lines: str) -> None:
    (imports.folder / "list.csv").write_bytes("\r\n".join(lines).encode("utf-8", "surrogateescape"))


def test_pictures_are_fetched(imports: Imports, origin: Origin) -> None:
    write(imports, "label,url,note", *(f'{("cat", "dog")[n % 2]}," {origin.url(f"/{n}.jpg")} ",x' for n in range(8)))

    report = imports.report(SOURCE)

    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 3, "test": 1}}
    assert report["refused"] == []


def test_dead_hosts_are_refused_files_and_not_a_failed_import(imports: Imports, origin: Origin, dead: str) -> None:
    lines = []
    for n in range(16):
        host = origin.url("") if n % 4 < 2 else dead
        lines.append(f"{host.rstrip('/')}/{n}.jpg,{('cat', 'dog')[n % 2]}")
    write(imports, "url,label", *lines)

    report = imports.report(SOURCE)

    assert report["total"] == 8
    assert codes(report) == ["connect_failed"] * 8
    assert all(file.startswith(dead) for file in refusals(report))


def test_passwords_in_addresses_are_used_and_not_shown(imports: Imports, origin: Origin, dead: str) -> None:
    hosts = [host.rstrip("/").replace("//", "//ann:s3cret@") for host in (origin.url(""), dead)]
    lines = [f"{hosts[n % 4 > 1]}/{n}.jpg,{('cat', 'dog')[n % 2]}" for n in range(16)]
    write(imports, "url,label", *lines)

    report = imports.report(SOURCE)

    assert report["total"] == 8
    assert all("//***@" in file for file in refusals(report))
    kept = [
        path.read_bytes() for path in (imports.folder.parent).rglob("*") if path.is_file() and path.name != "list.csv"
    ]
    assert kept
    assert not any(b"s3cret" in data for data in kept)


def test_nothing_left_is_a_failed_import_that_says_why(imports: Imports, dead: str) -> None:
    write(imports, "url,label", *(f"{dead}/{n}.jpg,{('cat', 'dog')[n % 2]}" for n in range(4)))
    with pytest.raises(TooFewPictures, match=r"no picture that can be used. 4 were refused \(4 connect_failed\)"):
        imports.run(SOURCE)


def test_each_line_may_say_its_side(imports: Imports, origin: Origin) -> None:
    sides = ["train", "test", "Train", "train", "test", "train", "train", "train"]
    write(
        imports,
        "url,label,split",
        *(f"{origin.url(f'/{n}.jpg')},{('cat', 'dog')[n % 2]},{side}" for n, side in enumerate(sides)),
    )

    report = imports.report(SOURCE)

    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 3, "test": 1}}
    version = imports.version()
    assert len(version.test) == 2


def test_what_a_host_answers_is_judged_like_any_url(imports: Imports, origin: Origin) -> None:
    origin.on("/page", origins.serve(b"<html>no</html>"))
    good = [f"{origin.url(f'/{n}.jpg')},{('cat', 'dog')[n % 2]}" for n in range(8)]
    bad = ["/nothing", "/page"]
    write(
        imports,
        "url,label",
        *good,
        *(f"{origin.url(path)},cat" for path in bad),
        "ftp://a.example/x.jpg,cat",
        "no address,dog",
        "http://10.0.0.1/x.jpg,dog",
        f"{origin.url('/9.jpg')}, ",
        ",cat",
    )

    report = imports.report(SOURCE)

    assert codes(report) == [
        "address_not_allowed",
        "http_status",
        "invalid_url",
        "invalid_url",
        "no_label",
        "not_an_image",
        "scheme_not_allowed",
    ]


def test_bytes_that_are_no_utf_8_become_readable_labels(imports: Imports, origin: Origin) -> None:
    labels = ("cat", "d\udcf6g")
    write(imports, "url,label", *(f"{origin.url(f'/{n}.jpg')},{labels[n % 2]}" for n in range(8)))
    assert imports.report(SOURCE)["classes"] == ["cat", "d\\xf6g"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["address,class"], "columns url, label and maybe split"),
        ([], "columns url, label and maybe split"),
        (["url,label,split", "http://a.example/,cat,validation"], "line 2: a split of train or test"),
    ],
)
def test_a_list_of_another_form_is_refused(imports: Imports, lines: list[str], words: str) -> None:
    write(imports, *lines)
    with pytest.raises(BadSource, match=words):
        imports.run(SOURCE)
