from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage

from api.intake import archive as archive_module
from api.intake.archive import Archive
from shared.errors import BadRequest, BodyTooLarge, InvalidRequest, TooManyItems
from shared.ids import new_id
from shared.storage import Storage
from tests.support.archives import listed_otherwise, zipped

JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 400
FILES = {"cats/a.jpg": JPEG, "cats/b.jpg": b"not a picture", "c.jpg": b""}


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "storage"))


def opened(data: bytes, *, max_items: int = 100, max_bytes: int = 10**6, count_on: bool = False) -> Archive:
    part = FileStorage(io.BytesIO(data), "pictures.zip")
    return Archive(part, max_items=max_items, max_bytes=max_bytes, count_on=count_on)


def names_and_contents(archive: Archive, storage: Storage) -> dict[str, bytes]:
    """Stores an archive and returns what was stored, by the names of its files."""
    findings = archive.findings(thorough=False)
    findings.check()
    job_id = new_id()
    units = archive.store(storage, job_id)
    assert sum(unit.count for unit in units) == archive.total
    lines = b"".join(storage.read_bytes(f"jobs/{job_id}/input/{n}") for n in storage.names(f"jobs/{job_id}/input"))
    items = [json.loads(line) for line in lines.splitlines()]
    assert [item["index"] for item in items] == list(range(archive.total))
    return {item["filename"]: storage.read_bytes(item["upload"]) for item in items}


def found(archive: Archive, *, thorough: bool = True) -> list[str]:
    return [f"{error.field}: {error.message}" for error in archive.findings(thorough=thorough).errors]


def test_every_file_becomes_an_item_with_its_path(storage: Storage) -> None:
    assert names_and_contents(opened(zipped(FILES)), storage) == FILES


@pytest.mark.parametrize(
    "make",
    [
        lambda data: b"before the archive" * 100 + data,
        lambda data: data[:-2] + struct.pack("<H", 9) + b"a comment",
    ],
)
def test_something_before_it_or_a_comment_behind_does_not_matter(
    storage: Storage, make: Callable[[bytes], bytes]
) -> None:
    assert names_and_contents(opened(make(zipped(FILES))), storage) == FILES


def test_stored_and_streamed_files_and_long_lists_are_read(storage: Storage) -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    streamed = Unseekable()
    with zipfile.ZipFile(streamed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.jpg", JPEG)
    assert names_and_contents(opened(streamed.getvalue()), storage) == {"a.jpg": JPEG}

    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as file:
        file.writestr("ä.jpg", JPEG)
        with file.open(zipfile.ZipInfo("wide.jpg"), "w", force_zip64=True) as member:
            member.write(JPEG)
    assert names_and_contents(opened(stored.getvalue()), storage) == {"ä.jpg": JPEG, "wide.jpg": JPEG}

    long = io.BytesIO()
    with zipfile.ZipFile(long, "w") as file:
        for n in range(65_600):
            file.writestr(zipfile.ZipInfo(f"{n}"), b"")
    many = opened(long.getvalue(), max_items=100_000)
    many.findings(thorough=False)
    assert many.total == 65_600


def test_what_computers_leave_behind_is_skipped(storage: Storage) -> None:
    clutter = {
        "__MACOSX/a.jpg": b"x",
        ".DS_Store": b"x",
        "cats/.hidden.jpg": b"x",
        "cats/Thumbs.db": b"x",
        "empty/": b"",
    }

    assert names_and_contents(opened(zipped(FILES | clutter)), storage) == FILES


def link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        info = zipfile.ZipInfo("link.jpg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def packed(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr("a.jpg", JPEG)
    return buffer.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped({"a.jpg": JPEG}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def broken(at: int) -> bytes:
    data = bytearray(zipped({"a.jpg": JPEG, "b.jpg": JPEG}))
    data[at] ^= 0xFF
    return bytes(data)


def lying_about_its_size(size: int) -> bytes:
    data = bytearray(zipped({"a.jpg": b"\x00" * 100_000}))
    struct.pack_into("<L", data, data.rindex(b"PK\x01\x02") + 24, size)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (zipped({"../a.jpg": JPEG}), "../a.jpg: The name leads out"),
        (zipped({"/etc/a.jpg": JPEG}), "/etc/a.jpg: The name leads out"),
        (zipped({"../__MACOSX/../../a.jpg": JPEG, "ok.jpg": JPEG}), None),
        (link(), "link.jpg: This is a link"),
        (encrypted(), "a.jpg: This is encrypted"),
        (packed(zipfile.ZIP_LZMA), "a.jpg: This is packed in a rare way"),
    ],
)
def test_files_that_are_not_taken_are_named(data: bytes, wrong: str | None) -> None:
    names = found(opened(data), thorough=False)

    assert (len(names) == 1 and names[0].startswith(wrong)) if wrong else names == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"a.zip": zipped(FILES)}), "archive itself"),
        (broken(60), "cannot be unpacked"),
        (broken(0), "no file where"),
        (lying_about_its_size(99_999), "not what was packed"),
        (lying_about_its_size(100_001), "not what was packed"),
        (listed_otherwise(zipped({"a.jpg": JPEG}), "packed", 1), "more behind its content"),
        (listed_otherwise(zipped({"a.jpg": JPEG}), "place", 10**6), "no file where"),
    ],
)
def test_damage_is_found_by_a_dry_run_and_when_it_is_stored(storage: Storage, data: bytes, reason: str) -> None:
    assert reason in found(opened(data))[0]
    with pytest.raises(InvalidRequest) as raised:
        names_and_contents(opened(data), storage)
    assert reason in raised.value.errors[0].message


@pytest.mark.parametrize("data", [b"PK\x03\x04...", zipped(FILES)[:-30], zipped(FILES)[200:400] + zipped(FILES)[-22:]])
def test_what_is_no_whole_archive_is_a_bad_request(data: bytes) -> None:
    with pytest.raises(BadRequest, match=r"cannot be read as \.zip"):
        opened(data).findings(thorough=False)


def test_files_that_share_their_bytes_are_refused() -> None:
    whole = zipped({f"{number}.jpg": JPEG for number in range(10)})
    with pytest.raises(BadRequest, match="overlap"):
        opened(listed_otherwise(whole, "packed", len(whole))).findings(thorough=False)


def test_no_bytes_can_make_it_fail_otherwise() -> None:
    whole = zipped({"a.jpg": b"abc", "b/c.jpg": b"defg"})
    for at in range(len(whole)):
        data = bytearray(whole)
        for value in (0, 0xFF, data[at] ^ 0x80):
            data[at] = value
            try:
                opened(bytes(data)).findings(thorough=True)
            except (BadRequest, InvalidRequest, BodyTooLarge):
                continue


def test_limits_hold(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        opened(zipped({"folder/": b""})).findings(thorough=False)
    with pytest.raises(TooManyItems):
        opened(zipped(FILES), max_items=2).findings(thorough=False)
    counted = opened(zipped(FILES), max_items=2, count_on=True)
    counted.findings(thorough=True)
    assert counted.total == 3
    large = names_and_contents(opened(zipped(FILES), max_bytes=100), storage)
    assert len(large["cats/a.jpg"]) == 101
    monkeypatch.setattr(archive_module, "MOST_UNPACKED_BYTES", 1000)
    with pytest.raises(BodyTooLarge, match="unpack"):
        opened(zipped(FILES)).findings(thorough=False)


@pytest.mark.parametrize("count_on", [False, True])
@pytest.mark.parametrize("name", ["folder/", "__MACOSX/._x", ""])
def test_a_list_of_nothing_but_what_is_left_out_has_an_end(name: str, count_on: bool) -> None:
    data = bytearray(zipped({"x" * len(name): b""}))
    at = data.rindex(b"PK\x01\x02")
    entry, end = data[at : at + 46] + name.encode(), data[data.rindex(b"PK\x05\x06") :]
    struct.pack_into("<L", end, 12, 2000 * len(entry))

    with pytest.raises(TooManyItems, match="At most 10 items"):
        opened(bytes(data[:at] + entry * 2000 + end), max_items=10, count_on=count_on).findings(thorough=False)
