from __future__ import annotations

from api.intake.first_seen import FirstSeen


def test_texts_are_numbered_in_the_order_they_first_came() -> None:
    seen = FirstSeen()

    assert [seen.number(text) for text in (b"a", b"b", b"a", b"", b"b", b"c")] == [
        *((0, True), (1, True), (0, False), (2, True), (1, False), (3, True))
    ]
    assert len(seen) == 4


def test_it_grows_and_forgets_nothing() -> None:
    seen = FirstSeen()

    assert [seen.number(b"%d" % n) for n in range(5000)] == [(n, True) for n in range(5000)]
    assert [seen.number(b"%d" % n) for n in range(5000)] == [(n, False) for n in range(5000)]
