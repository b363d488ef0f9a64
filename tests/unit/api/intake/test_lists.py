from __future__ import annotations

import codecs
import io
import json
from typing import Any

import pytest

from api.bodies import MOST_ERRORS
from api.intake import findings
from api.intake.asked import READERS, read_list
from api.intake.findings import Findings
from api.intake.rows import Rows
from shared.errors import InvalidRequest, TooManyItems

CSV, TEXT, NDJSON = READERS
Found = tuple[list[tuple[str | None, str]], list[str]]


def read(media: str, data: bytes, limit: int = 1000) -> Found:
    """Returns a list's ids and URLs, and what is wrong with its lines."""
    with Rows(limit) as rows:
        read_list(media, io.BytesIO(data), rows)
        lines = [json.loads(line) for line in rows.lines()]
        findings = [f"{error.field}: {error.message}" for error in rows.findings.errors]
        return [(line["id"], line["url"]) for line in lines], findings


@pytest.mark.parametrize(
    ("media", "data", "expected"),
    [
        (TEXT, b"a\nb\n", [(None, "a"), (None, "b")]),
        (TEXT, b"\xef\xbb\xbfa\r\n\r\n  b \r\n \n", [(None, "a"), (None, "b")]),
        (TEXT, "http://ex\u00e4mple/\u2603\u2028x".encode(), [(None, "http://ex\u00e4mple/\u2603\u2028x")]),
        (TEXT, b"a\rb\r\rc", [(None, "a"), (None, "b"), (None, "c")]),
        # The pieces that are read end between CR and LF.
        (TEXT, b" " * 65_534 + b"a\r\nb", [(None, "a"), (None, "b")]),
        (CSV, b"url\na\nb", [(None, "a"), (None, "b")]),
        (CSV, b'id,url\r1,a\r"2\r3",b\r', [("1", "a"), ("2\n3", "b")]),
        (CSV, b"\xef\xbb\xbfid,url\r\n1,a\r\n,b\r\n\r\n", [("1", "a"), (None, "b")]),
        (CSV, b"label, URL ,Id\ncat,a,1\n", [("1", "a")]),
        (CSV, b"id;url\n1;a,b\n", [("1", "a,b")]),
        (CSV, b"id\turl\n1\ta\n", [("1", "a")]),
        (CSV, b'id,url\n"one\ntwo ""x""", "a,b"\n3,c\n', [('one\ntwo "x"', "a,b"), ("3", "c")]),
        (CSV, b"url\n =cmd\n", [(None, "=cmd")]),
        (NDJSON, b'{"url": "a"}\n\n{"id": "1", "url": "b"}\r\n', [(None, "a"), ("1", "b")]),
        (NDJSON, b'\xef\xbb\xbf{"url": "\\ud83d\\ude00"}', [(None, "\U0001f600")]),
    ],
)
def test_lists_are_read(media: str, data: bytes, expected: list[tuple[str | None, str]]) -> None:
    assert read(media, data) == (expected, [])


@pytest.mark.parametrize(
    ("media", "data", "findings"),
    [
        (TEXT, b"a\n\xff\xfe\nb", ["line 2: The text is expected in UTF-8; byte 1 of the line is 0xff."]),
        (TEXT, b"a\n" + b"x" * 8193, ["line 2: url: String should have at most 8192 characters"]),
        (TEXT, b"a\n" + b"x" * 300_000 + b"\nb", ["line 2: The line is longer than 131,072 bytes."]),
        (TEXT, b"x" * 196_607 + b"\r\r" + b"\xff", ["line 1: The line is longer", "line 3: The text is expected in"]),
        (CSV, b"id,url\n1,\n2\n", ["line 2: url: String should have at least 1 character", "line 3: url: String"]),
        (CSV, b"url\na,b\nc\n", ["line 2: The line has 2 cells where the header has 1."]),
        (CSV, b'url\n"a\nb"\n"c\n', ["line 4: The line cannot be read as CSV: unexpected end of data."]),
        (CSV, b'url\n"a"b\nc\n', ["line 2: The line cannot be read as CSV: "]),
        (CSV, b"id,url\n" + b"x" * 1025 + b",a\n", ["line 2: id: String should have at most 1024 characters"]),
        (CSV, b'id,url\n"1\n2",\n', ["line 2: url: "]),
        (NDJSON, b'{"url": "a"}\n{"url": \n', ["line 2: The line cannot be read as JSON: "]),
        (NDJSON, b'{"url": NaN}', ["line 1: The line cannot be read as JSON: NaN"]),
        (NDJSON, b"[" * 100_000, ["line 1: The JSON is nested too deeply."]),
        (NDJSON, b'"a"\n7', ['line 1: An object such as {"url": "…"} is expected, received', "line 2: An object"]),
        (NDJSON, b'{"url": "a", "color": 1}', ["line 1: color: This is not known here. Known are: id, url."]),
        (
            NDJSON,
            json.dumps({"url": "a"} | dict.fromkeys(map(str, range(5000)))).encode(),
            ["line 1: An object with `url` and maybe `id` is expected, received one of 5,001 fields."],
        ),
        (NDJSON, b'{"id": 3, "url": ""}', ["line 1: id: ", "line 1: url: "]),
    ],
)
def test_what_is_wrong_is_named_by_its_line(media: str, data: bytes, findings: list[str]) -> None:
    _, found = read(media, data)

    assert len(found) == len(findings), found
    for one, expected in zip(found, findings, strict=True):
        assert one.startswith(expected)


@pytest.mark.parametrize("start", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("piece", [1, 2, 7, 16_384])
@pytest.mark.parametrize(
    ("media", "data", "wrong"),
    [
        (TEXT, b"a\n\n\n\xff\n  \n\n\xff\nb\n\n\xff", [4, 7, 10]),
        (TEXT, b"\n\n\n\xff", [4]),
        (NDJSON, b'\n\n{\n \n{"url": "a"}\n\n{\n', [3, 7]),
        (CSV, b"id,url\n\n\n1,\n2,a\n\n3,\n", [4, 7]),
        # A row is named by its first line, however many it has, and those after it by theirs.
        (CSV, b'id,url\n"1\n\n\n1",a\n2,\n"3\n\n",\n\n4,\n"5\n",a,b\n', [6, 7, 11, 12]),
        (CSV, b'id,url\n"1\n\xff\n1",a\n2,\n', [3, 5]),
    ],
)
def test_line_numbers_are_those_of_the_file(
    media: str, data: bytes, wrong: list[int], start: bytes, end: bytes, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.intake.lines.PIECE_BYTES", piece)

    _, found = read(media, start + data.replace(b"\n", end))

    assert [one.partition(":")[0] for one in found] == [f"line {number}" for number in wrong], found


def test_a_header_that_is_no_text_is_what_is_wrong_and_not_the_line_after_it() -> None:
    with pytest.raises(InvalidRequest) as raised:
        read(CSV, b"n\xe4me,url\nx,a\n")

    assert [error.field for error in raised.value.errors] == ["line 1"]
    assert "UTF-8" in raised.value.errors[0].message


# Spaces are a cell to CSV, and so an item.
BLANK = [(media, line) for media in (TEXT, NDJSON) for line in (" \n", "\u3000\n")]


@pytest.mark.parametrize(("media", "line"), [*BLANK, (TEXT, "\n"), (CSV, "\n"), (CSV, "\r\n"), (NDJSON, "\n")])
@pytest.mark.parametrize("check", [False, True])
def test_a_body_of_blank_lines_is_not_read_to_its_end(media: str, line: str, check: bool) -> None:
    """256 MB of them kept a core busy for two minutes."""
    data = line.encode()
    body = io.BytesIO((b"url\n" if media == CSV else b"") + data * 5_000_000)

    with Rows(100_000, count_on=check) as rows, pytest.raises(InvalidRequest, match="1,000,000 lines are blank"):
        read_list(media, body, rows)

    assert body.tell() < 1_100_000 * len(data)


@pytest.mark.parametrize("media", [CSV, TEXT, NDJSON])
@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_list_is_refused(media: str, data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read(media, data)


@pytest.mark.parametrize("data", [b"http://example.org/a\nb\n", b"url,url\na,b\n", b"id,id,url\na,b,c\n", b"name\nx\n"])
def test_a_csv_without_its_columns_says_what_is_expected(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="A header line is expected") as raised:
        read(CSV, data)

    assert raised.value.errors[0].field == "line 1"


@pytest.mark.parametrize("media", [CSV, TEXT, NDJSON])
def test_reading_stops_at_the_limit(media: str) -> None:
    line = b'{"url": "%d"}\n' if media == NDJSON else b"%d\n"
    header = b"url\n" if media == CSV else b""
    body = io.BytesIO(header + b"".join(line % n for n in range(100_000)))
    assert len(read(media, header + b"".join(line % n for n in range(3)), limit=3)[0]) == 3

    with Rows(3) as rows, pytest.raises(TooManyItems, match="At most 3"):
        read_list(media, body, rows)

    assert body.tell() < 100_000


def test_a_dry_run_counts_what_comes_beyond_the_limit() -> None:
    with Rows(3, count_on=True) as rows:
        read_list(TEXT, io.BytesIO(b"a\nb\nb\na\nc\n"), rows)

        assert (rows.total, rows.distinct, rows.repeated) == (5, 2, 1)


def test_the_first_hundred_findings_are_named_and_all_are_counted() -> None:
    findings = Findings()
    for number in range(250):
        findings.add_line(number, "No.")

    with pytest.raises(InvalidRequest, match=r"250 things .* the first 100") as raised:
        findings.check()
    assert len(raised.value.errors) == MOST_ERRORS


def test_repeats_have_no_lines_of_their_own() -> None:
    with Rows(10) as rows:
        read_list(CSV, io.BytesIO(b"id,url\n1,a}\n2,b\n3,a}\n4,c\n5,a}\n6,b\n"), rows)

        lines: list[dict[str, Any]] = [json.loads(line) for line in rows.lines()]
        assert lines == [
            {"index": 0, "id": "1", "url": "a}", "repeats": 2},
            {"index": 1, "id": "2", "url": "b", "repeats": 1},
            {"index": 3, "id": "4", "url": "c"},
        ]
        assert [json.loads(line) for line in rows.repeats()] == [[2, 0, 0, "3"], [4, 0, 0, "5"], [5, 1, 1, "6"]]
        assert (rows.total, rows.distinct, rows.repeated) == (6, 3, 3)


def test_a_list_is_known_by_its_ids_and_urls_and_not_by_how_it_was_written() -> None:
    digests = set()
    for media, data in [
        (CSV, b"id,url\n1,a\n,b\n"),
        (CSV, b"url;id\na;1\nb;\n"),
        (NDJSON, b'{"url":"a","id":"1"}\n{"url":"b"}'),
    ]:
        with Rows(10) as rows:
            read_list(media, io.BytesIO(data), rows)
            digests.add(rows.digest)

    assert len(digests) == 1


def test_a_row_that_goes_on_from_line_to_line_has_an_end() -> None:
    """The reader holds all cells of a row: a body of 256 MB would take gigabytes."""
    _, found = read(CSV, b"url\n" + b'"x\n",' * 30_000 + b'"\n\na\n')

    assert found[0] == (
        "line 2: The line cannot be read as CSV: it has more than 131,072 characters, line breaks in quotes included."
    )


def test_a_dry_run_counts_ten_times_as_many_as_are_taken() -> None:
    with Rows(100, count_on=True) as rows:
        read_list(TEXT, io.BytesIO(b"a\n" * 1000), rows)
        assert rows.total == 1000
    with Rows(100, count_on=True) as rows, pytest.raises(TooManyItems, match="At most 100 items"):
        read_list(TEXT, io.BytesIO(b"a\n" * 1001), rows)


@pytest.mark.parametrize(("media", "data"), [(CSV, b'url\n"a"b\n'), (TEXT, b"\xff\n"), (NDJSON, b"{\n")])
def test_so_much_is_wrong_that_the_rest_is_not_read(media: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST_COUNTED", 500)
    head, line = data.splitlines(keepends=True) if media == CSV else (b"", data)
    body = io.BytesIO(head + line * 100_000)

    with Rows(1000, count_on=True) as rows, pytest.raises(InvalidRequest, match=r"500 things .* first 100"):
        read_list(media, body, rows)

    assert body.tell() < 100_000
