from __future__ import annotations

import csv
import io

import pytest

from api.spreadsheet import COLUMNS, csv_lines
from shared.items import ItemInput
from tests.support.api_world import cat


def lines_of(url: str) -> list[str]:
    return list(csv_lines(iter([cat(ItemInput(index=7, id="mine", url=url), 0.5)])))


def test_the_header_is_plain_and_all_text_is_quoted() -> None:
    header, line = lines_of("http://h/")

    assert header == ",".join(COLUMNS) + "\r\n"
    assert line == '7,"mine","http://h/","","succeeded","cat",0.5,"false","pets",1,"",""\r\n'


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/;=HYPERLINK(1)", "http://h/;'=HYPERLINK(1)"),
        ("http://h/\t@SUM(1)", "http://h/\t'@SUM(1)"),
        ("http://h/\n+1", "http://h/\n'+1"),
        ('http://h/; "=1', "http://h/; \"'=1"),
        ("http://h/;=1;-2", "http://h/;'=1;'-2"),
        ("=1;=2", "'=1;'=2"),
        ("http://h/;a=1?b=+c-d@e", "http://h/;a=1?b=+c-d@e"),
    ],
)
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_splits(url: str, shown: str) -> None:
    text = "".join(lines_of(url))

    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["url"] == shown
    for separator in ",;\t":
        cells = [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in line]
        assert not [cell for cell in cells if cell.lstrip('" ').startswith(("=", "+", "-", "@"))], separator
