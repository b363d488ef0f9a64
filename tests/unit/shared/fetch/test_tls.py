from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from shared.errors import ConnectFailed, FetchTimeout, ItemError, TlsFailed
from shared.fetch.fetcher import Fetcher
from tests.support.origins import Origin, endless, redirect, serve, slow_body
from tests.unit.shared.fetch.conftest import LOOPBACK, NAMES

CERTIFICATES = Path(__file__).parents[3] / "support" / "certificates"
LIMIT = 1_000_000


@pytest.fixture
def secure() -> Iterator[Origin]:
    """An https origin whose certificate is for pictures.test and 127.0.0.1; `names` has the SNI that came."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    with Origin(tls=context) as server:
        server.names = names = []  # type: ignore[attr-defined]
        context.sni_callback = lambda _sock, name, _context: names.append(name)
        yield server


@pytest.fixture
def trusting() -> Iterator[Fetcher]:
    """A fetcher that trusts the test authority."""
    names = NAMES | {"other.test": ["127.0.0.1"]}
    made = Fetcher(
        allow=LOOPBACK,
        timeout_s=1,
        resolver=lambda host: names.get(host, []),
        tls=ssl.create_default_context(cafile=str(CERTIFICATES / "authority.pem")),
    )
    yield made
    made.close()


@pytest.mark.parametrize(("host", "sni"), [("pictures.test", "pictures.test"), ("127.0.0.1", None)])
def test_a_certificate_for_the_host_is_accepted(secure: Origin, trusting: Fetcher, host: str, sni: str | None) -> None:
    secure.on("/a", serve(b"x" * 300_000))

    for _ in range(3):
        assert len(trusting.get(secure.url("/a", host=host), max_bytes=LIMIT).data) == 300_000

    assert secure.connections == 1
    assert secure.names == [sni]  # type: ignore[attr-defined]


def test_a_certificate_for_another_host_is_refused(secure: Origin, trusting: Fetcher) -> None:
    with pytest.raises(TlsFailed, match=r"other\.test"):
        trusting.get(secure.url("/a", host="other.test"), max_bytes=LIMIT)
    assert secure.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(secure: Origin, fetcher: Fetcher) -> None:
    with pytest.raises(TlsFailed, match="certificate"):
        fetcher.get(secure.url("/a", host="pictures.test"), max_bytes=LIMIT)


def test_a_redirect_may_change_the_scheme(secure: Origin, origin: Origin, trusting: Fetcher) -> None:
    origin.on("/a", redirect(secure.url("/b", host="pictures.test")))
    secure.on("/b", redirect(origin.url("/c")))
    origin.on("/c", serve(b"here"))

    assert trusting.get(origin.url("/a"), max_bytes=LIMIT).data == b"here"


def test_a_slow_body_over_tls_is_cut_at_the_deadline(secure: Origin, trusting: Fetcher) -> None:
    secure.on("/a", slow_body(b"x" * 100))
    start = monotonic()

    with pytest.raises(FetchTimeout):
        trusting.get(secure.url("/a"), max_bytes=LIMIT)

    assert monotonic() - start < 1.5


def test_an_endless_body_over_tls_is_cut_at_the_limit(secure: Origin, trusting: Fetcher) -> None:
    secure.on("/a", endless())

    with pytest.raises(ItemError, match="1,000,000 bytes"):
        trusting.get(secure.url("/a"), max_bytes=LIMIT)


@contextmanager
def _bare_server(reply: bytes, *, every_s: float | None) -> Iterator[int]:
    """A server that answers a TLS hello with `reply`, then closes, or with `every_s` repeats it that often."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve_all() -> None:
            while not stop.is_set():
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.recv(65536)
                    try:
                        sock.sendall(reply)
                        while every_s is not None and not stop.wait(every_s):
                            sock.sendall(reply)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve_all, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_tls_garbage_is_tls_failed(trusting: Fetcher) -> None:
    with _bare_server(b"HTTP/1.1 400 Bad Request\r\n\r\n", every_s=None) as port, pytest.raises(TlsFailed):
        trusting.get(f"https://127.0.0.1:{port}/", max_bytes=LIMIT)


def test_a_host_that_closes_in_the_handshake_fails(trusting: Fetcher) -> None:
    with _bare_server(b"", every_s=None) as port, pytest.raises((TlsFailed, ConnectFailed)):
        trusting.get(f"https://127.0.0.1:{port}/", max_bytes=LIMIT)


@pytest.mark.parametrize("reply", [b"", b"\x16"])
def test_a_handshake_that_hangs_is_cut_at_the_deadline(trusting: Fetcher, reply: bytes) -> None:
    start = monotonic()

    with _bare_server(reply, every_s=0.2) as port, pytest.raises((FetchTimeout, TlsFailed)):
        trusting.get(f"https://127.0.0.1:{port}/", max_bytes=LIMIT)

    assert monotonic() - start < 1.5
