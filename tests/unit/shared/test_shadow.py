"""Copies and what is counted of them, on a real Redis."""

from __future__ import annotations

from redis import Redis

from shared.shadow import Agreement, Agreements, ClassAgreement, Copies, Copy, Pair
from shared.shadow.copies import MOST_BYTES, MOST_COPIES

PAIR = Pair("pets", 1, 2)


def copy(label: str = "cat", pair: Pair = PAIR) -> Copy:
    return Copy(pair, label, (1, 2, 3), b"\x00\x01\x02\xfd\xfe\xff")


def test_copies_come_out_as_they_went_in_the_oldest_first(redis: Redis) -> None:
    copies = Copies(redis)
    sent = [copy("cat"), copy("dog"), copy("ein Hündchen", Pair("birds", 3, 7))]
    for one in sent:
        copies.add(one)
    assert copies.take(2, 1) == sent[:2]
    assert copies.take(2, 1) == sent[2:]
    assert copies.take(2, 0.01) == []


def test_the_queue_has_an_end(redis: Redis) -> None:
    copies = Copies(redis)
    assert not copies.have_room(MOST_BYTES + 1)
    for _ in range(MOST_COPIES):
        assert copies.have_room(6)
        copies.add(copy())
    assert not copies.have_room(6)
    assert len(copies.take(1000, 1)) == MOST_COPIES


def test_copies_that_nobody_takes_do_not_stay(redis: Redis) -> None:
    Copies(redis).add(copy())
    assert 0 < redis.ttl("loupe:shadow") <= 60


def test_agreement_is_counted_by_what_the_champion_said(redis: Redis) -> None:
    agreements = Agreements(redis)
    agreements.count(PAIR, [("cat", "cat"), ("cat", "dog"), ("dog", "dog")])
    agreements.count(PAIR, [("cat", "cat")])
    agreements.drop(PAIR, 3)
    agreements.fail(PAIR, 2, "It answers otherwise.")
    classes = [ClassAgreement("cat", 3, 2), ClassAgreement("dog", 1, 1)]
    assert agreements.read(PAIR) == Agreement(4, 3, 3, 2, "It answers otherwise.", classes)
    # Another champion is another comparison.
    assert agreements.read(Pair("pets", 3, 2)) == Agreement(0, 0, 0, 0, None, [])
    agreements.forget(PAIR)
    assert agreements.read(PAIR).compared == 0
