from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.errors import ArchiveTooLarge, BadSource, EmptyClass, SourceNotFound
from tests.support.archives import PETS, UPLOAD, tar_link, tarred, zipped
from tests.support.imports import Imports, Json, picture, refusals
from tests.support.pictures import HTML
from trainer.datasets.archives import member

SOURCE = {"type": "archive", "upload": UPLOAD, "filename": "pets.zip"}

Pack = Callable[[Mapping[str, bytes]], bytes]


@pytest.fixture(params=[zipped, tarred], ids=["zip", "tar.gz"])
def pack(request: pytest.FixtureRequest) -> Pack:
    found: Pack = request.param
    return found


def sent(imports: Imports, data: bytes, **options: Any) -> Json:
    imports.storage.write_bytes(UPLOAD, data)
    return imports.report(SOURCE, **options)


def test_each_folder_is_a_class(imports: Imports, pack: Pack) -> None:
    report = sent(imports, pack(PETS | {"dog/deep/er.jpg": picture(70)}))
    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 4, "test": 1}}
    assert report["refused"] == []


def test_one_folder_around_all_classes_is_no_class(imports: Imports, pack: Pack) -> None:
    wrapped = {f"pets/{name}": data for name, data in PETS.items()}
    report = sent(imports, pack({"pets/": b"", **wrapped, "pets/readme.txt": b"x", "__MACOSX/pets/._1.jpg": b"x"}))
    assert report["classes"] == ["cat", "dog"]
    assert refusals(report) == {"pets/readme.txt": "no_label"}


def test_what_cannot_be_used_is_refused(imports: Imports, pack: Pack) -> None:
    strange = {"cat/page.jpg": HTML, "cat/large.jpg": b"\xff" * 5000, "lost.jpg": picture(80), "cat/.hidden": b"x"}
    report = sent(imports, pack(PETS | strange), max_image_bytes=4000)
    assert refusals(report) == {"cat/page.jpg": "not_an_image", "cat/large.jpg": "too_large", "lost.jpg": "no_label"}


def test_no_name_leads_out_of_the_archive(imports: Imports, pack: Pack, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if "storage" not in path.parts)
    names = ["../cat/out.jpg", "cat/../../out.jpg", "/cat/absolute.jpg"]
    report = sent(imports, pack(PETS | {name: picture(90 + n) for n, name in enumerate(names)}))
    assert refusals(report) == dict.fromkeys(names, "path_not_allowed")
    after = sorted(path for path in tmp_path.rglob("*") if "storage" not in path.parts)
    assert set(after) - set(before) <= {tmp_path / "scratch"}


def test_links_are_not_followed(imports: Imports) -> None:
    links = [tar_link("cat/link.jpg", "/etc/passwd", tarfile.SYMTYPE), tar_link("cat/hard.jpg", "a", tarfile.LNKTYPE)]
    assert refusals(sent(imports, tarred(PETS, *links))) == {
        "cat/link.jpg": "path_not_allowed",
        "cat/hard.jpg": "path_not_allowed",
    }
    buffer = io.BytesIO(zipped(PETS))
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("cat/link.jpg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refusals(sent(imports, buffer.getvalue())) == {"cat/link.jpg": "path_not_allowed"}


def test_devices_and_pipes_are_refused(imports: Imports) -> None:
    special = [tar_link("cat/pipe.jpg", "", tarfile.FIFOTYPE), tar_link("cat/null.jpg", "", tarfile.CHRTYPE)]
    assert set(refusals(sent(imports, tarred(PETS, *special))).values()) == {"unreadable"}


def test_an_empty_class_folder_is_an_empty_class(imports: Imports, pack: Pack) -> None:
    with pytest.raises(EmptyClass, match="'bird' has no picture"):
        sent(imports, pack({**PETS, "bird/": b""}))


def test_too_many_files_are_refused_before_any_is_read(imports: Imports, pack: Pack) -> None:
    with pytest.raises(ArchiveTooLarge, match="more than 7 files"):
        sent(imports, pack(PETS), max_files=7)


def test_a_bomb_is_refused_before_it_is_unpacked(imports: Imports, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "MOST_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(ArchiveTooLarge, match="would unpack to more than"):
        sent(imports, pack(PETS | {"cat/zeros.jpg": bytes(2_000_000)}))


def test_a_bomb_in_a_header_is_refused(imports: Imports) -> None:
    info = tarfile.TarInfo("cat/long.jpg")
    info.pax_headers = {"comment": "x" * 3_000_000}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
    with pytest.raises(ArchiveTooLarge, match="header in the archive is longer"):
        sent(imports, buffer.getvalue())


def test_a_list_of_files_that_claims_to_be_short_is_counted(imports: Imports) -> None:
    data = bytearray(zipped(PETS))
    end = data.rfind(b"PK\x05\x06")
    data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    with pytest.raises(ArchiveTooLarge, match="more than 5 files"):
        sent(imports, bytes(data), max_files=5)


def test_a_list_of_files_that_is_long_is_not_read(imports: Imports) -> None:
    data = bytearray(zipped(PETS))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", 2**31)
    with pytest.raises(ArchiveTooLarge, match="list of files is too long"):
        sent(imports, bytes(data))
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 8, 8, 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    with pytest.raises(ArchiveTooLarge, match="list of files is too long"):
        sent(imports, zipped(PETS)[:end] + large + locator + zipped(PETS)[end:])


def test_a_damaged_member_is_refused_and_its_neighbours_are_not(imports: Imports) -> None:
    data = bytearray(zipped(PETS))
    at = data.find(b"cat/1.jpg") + 40
    data[at : at + 8] = b"\xff" * 8
    assert refusals(sent(imports, bytes(data))) == {"cat/1.jpg": "unreadable"}


def test_what_is_packed_in_a_rare_way_is_refused(imports: Imports) -> None:
    buffer = io.BytesIO(zipped(PETS))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("cat/rare.jpg", picture(60))
    encrypted = bytearray(buffer.getvalue())
    at = encrypted.rfind(b"dog/0.jpg") - 46
    encrypted[at + 8] |= 1
    assert refusals(sent(imports, bytes(encrypted))) == {"cat/rare.jpg": "unreadable", "dog/0.jpg": "unreadable"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Rar!",
        b"PK\x03\x04 and then nothing",
        b"PK\x05\x06" + b"\xff" * 18,
        b"\x1f\x8b and then nothing",
        tarred(PETS)[:-200],
        zipped(PETS)[:-30],
    ],
)
def test_what_is_no_archive_is_refused(imports: Imports, data: bytes) -> None:
    with pytest.raises((BadSource, ArchiveTooLarge)):
        sent(imports, data)


def test_names_that_are_no_utf_8_are_shown_as_their_bytes(imports: Imports) -> None:
    files = {name.replace("dog", "d\udcf6g"): data for name, data in PETS.items()}
    assert sent(imports, tarred(files))["classes"] == ["cat", "d\\xf6g"]


def test_an_upload_that_is_gone_is_named(imports: Imports) -> None:
    with pytest.raises(SourceNotFound, match="Send it again"):
        imports.run(SOURCE)


def test_names_of_names_of_names_are_a_broken_archive(imports: Imports) -> None:
    """Each says that a name follows; read one within the other they went deeper than Python goes."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 512
    block = info.tobuf(tarfile.GNU_FORMAT) + bytes(512)
    imports.storage.write_bytes(UPLOAD, gzip.compress(block * 1000))

    with pytest.raises(BadSource, match="recursion"):
        imports.report(SOURCE)


@pytest.mark.parametrize("flag", [0x800, 0])
def test_a_file_of_another_name_than_the_list_says_is_refused(imports: Imports, flag: int) -> None:
    """Where it is said to be UTF-8 and is not, Python's reader raises what no other damage does."""
    data = bytearray(zipped(PETS | {"cat/x.jpg": picture(90)}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(mark)
        struct.pack_into("<H", data, at + flags, flag)
    data[data.rindex(b"PK\x03\x04") + 30] = 0xFF

    assert refusals(sent(imports, bytes(data))) == {"cat/x.jpg": "unreadable"}


def test_a_place_that_no_file_has_is_refused(imports: Imports) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (PETS | {"cat/x.jpg": picture(90)}).items():
            archive.writestr(zipfile.ZipInfo(name), content)
        archive.filelist[-1].header_offset = 2**63

    assert refusals(sent(imports, buffer.getvalue())) == {"cat/x.jpg": "unreadable"}


def test_names_without_end_are_refused_and_shortened(imports: Imports, pack: Pack) -> None:
    names = ["cat/" + "x" * 2000, "y" * 201 + "/1.jpg", "z" * 200 + "/1.jpg"]
    many = {f"{'z' * 200}/{number}.jpg": picture(40 + number) for number in range(4)}
    report = sent(imports, pack(PETS | many | {name: picture(90 + n) for n, name in enumerate(names)}))

    assert refusals(report) == {names[0][:1025]: "path_not_allowed", names[1]: "no_label"}
    assert report["classes"] == ["cat", "dog", "z" * 200]
