"""The fetcher in a network namespace of its own, where nothing can leave even if it tries, under an audit hook.

`unshare --map-root-user --net --mount python -m tests.support.fetch_cage` prints what it tried, as JSON. The name
server is the test's own, and one public address is this machine's own in there.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from shared.errors import ItemError
from shared.fetch import resolver
from shared.fetch.fetcher import Fetcher
from shared.fetch.ranges import special_range
from tests.unit.shared.fetch.test_addresses import FORBIDDEN, SPELLINGS

# A public address, which this namespace has for its own.
PUBLIC = "198.41.0.4"
PORT = 8080
ROUNDS = 1000
# <linux/sockios.h>, <linux/if.h>, <sys/mount.h>
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFFLAGS, IFF_UP, MS_BIND = 0x8916, 0x891C, 0x8914, 1, 4096


class Witness:
    """Writes down every connection and look-up that Python tries, whoever tries it."""

    def __init__(self) -> None:
        self.connections: Counter[str] = Counter()
        self.lookups: Counter[str] = Counter()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect":
            address = arguments[1]
            self.connections[str(address[0]) if isinstance(address, tuple) else str(address)] += 1
        elif event == "socket.getaddrinfo":
            self.lookups[str(arguments[0])] += 1

    def forbidden(self) -> list[str]:
        """Returns the addresses that were tried though they are not public."""
        return sorted(address for address in self.connections if special_range(ip_address(address)))


def enter() -> None:
    """Brings loopback up with a public address beside its own, and has names asked of this process."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:

        def tell(request: int, interface: str, value: bytes) -> None:
            fcntl.ioctl(control, request, struct.pack("16s24s", interface.encode(), value))

        tell(SIOCSIFFLAGS, "lo", struct.pack("h", IFF_UP))
        tell(SIOCSIFADDR, "lo:1", _sockaddr(PUBLIC))
        tell(SIOCSIFNETMASK, "lo:1", _sockaddr("255.255.255.255"))
        tell(SIOCSIFFLAGS, "lo:1", struct.pack("h", IFF_UP))
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as conf:
        conf.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    target = os.path.realpath("/etc/resolv.conf")
    if ctypes.CDLL(None, use_errno=True).mount(conf.name.encode(), target.encode(), None, MS_BIND, None) != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount over {target}")
    Path(conf.name).unlink()


def _sockaddr(address: str) -> bytes:
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


class NameServer:
    """Answers with what `addresses` says for a name and 4 or 6, in records that may not be kept."""

    def __init__(self, addresses: Callable[[str, int], Iterable[str]]) -> None:
        self._addresses = addresses
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, asker = self._sock.recvfrom(4096)
            self._sock.sendto(self._answer(query), asker)

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
        version = {1: 4, 28: 6}.get(kind, 0)
        packed = [ip_address(address).packed for address in self._addresses(".".join(labels).lower(), version)]
        # Each names the question as its owner, and lives for 0 s.
        records = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(address)) + address for address in packed]
        head = query[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, len(records), 0, 0)
        return head + query[12 : at + 5] + b"".join(records)


def serve() -> None:
    """Answers every request on the public address; with `/to?URL` by a redirect to it."""
    listener = socket.create_server((PUBLIC, PORT), backlog=64)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    with connection, suppress(OSError):
        while request := connection.recv(65536):
            path = request.split(b" ", 2)[1]
            _, redirected, to = path.partition(b"/to?")
            head = b"HTTP/1.1 302 Found\r\nLocation: " + to + b"\r\n" if redirected else b"HTTP/1.1 200 OK\r\n"
            connection.sendall(head + b"Content-Length: 2\r\n\r\nok")


def flipping() -> Callable[[str, int], list[str]]:
    """Returns a zone whose names change their address with every question; some have a second one now and then."""
    asked: Counter[str] = Counter()

    def addresses(name: str, version: int) -> list[str]:
        if version == 6:
            return ["::1"] if name.startswith("5") and asked[name] % 3 == 0 else []
        asked[name] += 1
        return [PUBLIC if asked[name] % 2 else "127.0.0.1"] if version == 4 else []

    return addresses


def forbidden_names(name: str, version: int) -> list[str]:
    """Knows each forbidden address under a name of its own, and beside a good one under another."""
    number, _, rest = name.partition(".")
    if not number.isdigit():
        return []
    address = FORBIDDEN[int(number)]
    found = [address] if ip_address(address).version == version else []
    return [PUBLIC, *found] if version == 4 and rest == "mixed.test" else found


def rebind(fetcher: Fetcher) -> Counter[str]:
    """Fetches from names that flip, and behind a redirect to them, and tells webhooks there."""
    outcomes: Counter[str] = Counter()
    for number in range(ROUNDS):
        url = f"http://{number % 10}{number % 50}.rebind.test:{PORT}"
        if number % 10 == 9:
            outcomes[outcome(partial(fetcher.post, url, b"{}", {}))] += 1
        else:
            outcomes[outcome(partial(fetcher.get, url if number % 2 else behind(url), max_bytes=10))] += 1
    return outcomes


def refuse(fetcher: Fetcher) -> Counter[str]:
    """Fetches what must never be fetched, in every way; returns how often each outcome came."""
    hosts = [*SPELLINGS, *(f"[{address}]" if ":" in address else address for address in FORBIDDEN)]
    for number in range(len(FORBIDDEN)):
        hosts += [f"{number}.only.test", f"{number}.mixed.test", f"{number}.only.test.", f"u:p@{number}.only.test"]
    urls = [f"http://{host}:{PORT}/" for host in hosts]
    urls += [behind(url) for url in urls if url.isascii() and " " not in url and "\0" not in url]
    urls += [behind(behind(url)) for url in urls[-20:]] + [behind(behind(behind(url))) for url in urls[-20:]]
    urls += [f"{scheme}://127.0.0.1/" for scheme in ("file", "ftp", "gopher", "data", "dict", "unix")]
    return Counter(outcome(partial(fetcher.get, url, max_bytes=10)) for url in urls)


def behind(url: str) -> str:
    """Returns an address that redirects to a URL."""
    return f"http://{PUBLIC}:{PORT}/to?{url}"


def outcome(fetch: Callable[[], object]) -> str:
    """Returns the code of a fetch's error; `ok` without one."""
    try:
        fetch()
    except ItemError as error:
        return error.code
    return "ok"


def main() -> None:
    """Prints what was tried."""
    enter()
    # Nobody may send what Loupe fetches through somebody else.
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ[name] = "http://127.0.0.1:1"
    threading.Thread(target=serve, daemon=True).start()
    resolver.KEPT_S = 0.0
    flip = flipping()
    NameServer(lambda name, version: (flip if name.endswith("rebind.test") else forbidden_names)(name, version))
    witness = Witness()
    fetcher = Fetcher(timeout_s=5)
    rebound = rebind(fetcher)
    lookups = witness.lookups.total()
    found = {"rebound": rebound, "lookups": lookups, "refused": refuse(fetcher), "connections": witness.connections}
    sys.stdout.write(json.dumps(found | {"forbidden": witness.forbidden()}))


if __name__ == "__main__":
    main()
