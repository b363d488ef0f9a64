from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Barrier, Event, Timer, active_count
from time import monotonic, sleep

import pytest

from shared.errors import DnsFailed, FetchTimeout
from shared.fetch import resolver as resolver_module
from shared.fetch.deadline import Deadline
from shared.fetch.lookup import Lookup, LookupThreads, system_lookup
from shared.fetch.resolver import NoSuchHost, Resolver
from tests.support import threads
from worker.host_pool import MOST_THREADS


@contextmanager
def resolver(lookup: Lookup) -> Iterator[Resolver]:
    made = Resolver(lookup)
    yield made
    made.close()


def test_every_address_is_returned_once() -> None:
    with resolver(lambda _: ["1.1.1.1", "2606:4700::1111", "1.1.1.1"]) as names:
        assert names.resolve("a.test", Deadline(1)) == (ip_address("1.1.1.1"), ip_address("2606:4700::1111"))


def test_an_answer_is_used_again_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lookup(host: str) -> list[str]:
        asked.append(host)
        return ["1.1.1.1"]

    with resolver(lookup) as names:
        for _ in range(3):
            names.resolve("a.test", Deadline(1))
        assert asked == ["a.test"]
        monkeypatch.setattr(resolver_module, "KEPT_S", 0.0)
        names.resolve("a.test", Deadline(1))
        assert asked == ["a.test", "a.test"]


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), True),
        (OSError("broken"), False),
        (UnicodeError("label too long"), False),
    ],
)
def test_a_failed_look_up_is_dns_failed_and_not_kept(error: Exception, transient: bool) -> None:
    failures = iter([error])

    def lookup(host: str) -> list[str]:
        for failure in failures:
            raise failure
        return ["1.1.1.1"]

    with resolver(lookup) as names:
        with pytest.raises(DnsFailed) as caught:
            names.resolve("a.test", Deadline(1))
        assert caught.value.transient is transient
        assert names.resolve("a.test", Deadline(1))


def test_a_name_without_addresses_is_dns_failed() -> None:
    with resolver(lambda _: []) as names, pytest.raises(NoSuchHost):
        names.resolve("a.test", Deadline(1))


def test_a_stuck_look_up_ends_at_the_deadline_and_takes_one_thread_a_name() -> None:
    stuck = Event()

    def lookup(host: str) -> list[str]:
        stuck.wait(10)
        return ["1.1.1.1"]

    with resolver(lookup) as names, ThreadPoolExecutor(8) as threads:
        start, before = monotonic(), active_count()

        def resolve(_: int) -> None:
            with pytest.raises((FetchTimeout, DnsFailed)):
                names.resolve("stuck.test", Deadline(0.1))

        list(threads.map(resolve, range(16)))
        assert monotonic() - start < 1
        assert active_count() - before <= 8 + 1
        stuck.set()


def test_stuck_look_ups_never_take_more_than_the_cap_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver_module, "MAX_THREADS", 2)
    monkeypatch.setattr(resolver_module, "MOST_QUEUED_S", 0.0)
    stuck, running = Event(), []

    def lookup(host: str) -> list[str]:
        running.append(host)
        stuck.wait(10)
        return ["1.1.1.1"]

    with resolver(lookup) as names:
        for number in range(5):
            with pytest.raises(FetchTimeout):
                names.resolve(f"{number}.test", Deadline(0.03))
        assert running == ["0.test", "1.test"]
        stuck.set()
        # What nobody waits for any more is not looked up afterwards.
        assert names.resolve("after.test", Deadline(1))
        assert running == ["0.test", "1.test", "after.test"]


def test_a_name_that_waits_for_others_to_be_looked_up_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver_module, "MAX_THREADS", 1)
    stuck, asked = Event(), Event()

    def lookup(host: str) -> list[str]:
        asked.set()
        if host == "stuck.test":
            stuck.wait(10)
        return ["1.1.1.1"]

    def resolve_stuck() -> None:
        with pytest.raises(FetchTimeout):
            names.resolve("stuck.test", Deadline(0.05))

    with resolver(lookup) as names, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(resolve_stuck)
        assert asked.wait(5)
        Timer(0.8, stuck.set).start()
        # Longer than its deadline
        assert names.resolve("good.test", Deadline(0.5))
        waiting.result(5)


@contextmanager
def one_busy_thread(monkeypatch: pytest.MonkeyPatch, busy_s: float, then: Callable[[], object]) -> Iterator[Resolver]:
    """Looks names up one after the other; the first is under way for so many seconds more, `then` is what others do."""
    monkeypatch.setattr(resolver_module, "MAX_THREADS", 1)
    asked, free = Event(), Event()

    def lookup(host: str) -> list[str]:
        asked.set()
        if host == "first.test":
            free.wait(10)
        else:
            then()
        return ["1.1.1.1"]

    with resolver(lookup) as names, ThreadPoolExecutor(1) as threads:
        first = threads.submit(names.resolve, "first.test", Deadline(5))
        assert asked.wait(5)
        Timer(busy_s, free.set).start()
        yield names
        first.result(5)


def test_a_look_up_that_has_just_begun_has_its_own_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    # Begun before the wait of a second ends, and not at its end yet.
    with one_busy_thread(monkeypatch, 0.5, lambda: sleep(0.8)) as names:
        assert names.resolve("good.test", Deadline(1))


def test_a_look_up_that_waited_for_a_moment_has_no_more_than_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = Event()
    with one_busy_thread(monkeypatch, 0.1, lambda: stuck.wait(10)) as names:
        start = monotonic()
        with pytest.raises(FetchTimeout):
            names.resolve("stuck.test", Deadline(1))
        assert monotonic() - start < 1.7
        stuck.set()


def test_stuck_names_that_a_worker_has_given_up_on_hold_up_no_other() -> None:
    stuck = Event()

    def lookup(host: str) -> list[str]:
        if host.startswith("stuck"):
            stuck.wait(30)
        return ["1.1.1.1"]

    with resolver(lookup) as names:
        began = monotonic()
        # All threads of a worker have given up on two names each, and nearly all on a third.
        for number in range(3 * MOST_THREADS - 1):
            with pytest.raises(FetchTimeout):
                names.resolve(f"stuck{number}.test", Deadline(0.001))
        assert names.resolve("good.test", Deadline(1))
        # Nobody had to wait for the first ones' end.
        assert monotonic() - began < 20
        stuck.set()


def test_a_look_up_over_its_own_limit_leaves_time_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver_module, "LOOKUP_TIMEOUT_S", 0.05)
    stuck = Event()

    def lookup(host: str) -> list[str]:
        stuck.wait(10)
        return []

    with resolver(lookup) as names:
        with pytest.raises(DnsFailed) as caught:
            names.resolve("a.test", Deadline(5))
        assert caught.value.transient
        stuck.set()


def test_a_full_memory_of_answers_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver_module, "MAX_KEPT", 2)

    with resolver(lambda _: ["1.1.1.1"]) as names:
        for number in range(5):
            names.resolve(f"{number}.test", Deadline(1))
        assert len(names._lookups) <= 2


def test_the_system_knows_localhost() -> None:
    assert set(system_lookup("localhost")) <= {"127.0.0.1", "::1"}


def test_names_are_looked_up_though_no_thread_could_be_started() -> None:
    go_on, begun = Event(), Barrier(3)

    def lookup(host: str) -> list[str]:
        assert go_on.wait(5)
        if host.startswith("together"):
            begun.wait(5)
        return [host]

    looking = LookupThreads(lookup, 2)
    # Given a system that had no thread left, when there were none yet and when there was one
    with threads.none_left(), pytest.raises(RuntimeError):
        looking.submit("nobody")
    first = looking.submit("first")
    with threads.none_left():
        second = looking.submit("second")
    # Then the one there is looks up both
    go_on.set()
    assert (first.result(5), second.result(5)) == (["first"], ["second"])
    # And as many as may be are started once there are some again
    both = [looking.submit("together-1"), looking.submit("together-2"), looking.submit("alone")]
    begun.wait(5)
    assert [each.result(5) for each in both] == [["together-1"], ["together-2"], ["alone"]]
    looking.close()
