"""Reads a URL strictly into what a request needs. Everything doubtful is refused before any look-up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote_to_bytes, urljoin

from shared.errors import InvalidUrl, SchemeNotAllowed
from shared.fetch.hosts import parse_host
from shared.fetch.ranges import IPAddress

MAX_URL = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"//([^/?#]*)")
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_BAD_IN_AUTHORITY = re.compile(r"[\s\\%<>\"^`{|}]")
# RFC 3986 2.2 and 2.3, and % because what is encoded already stays so.
_KEPT = "!$&'()*+,-./:;=?@_~%[]"


@dataclass(frozen=True, slots=True)
class Target:
    """One URL, read. `address` is set when the host is an address; `credentials` is `user:password`."""

    scheme: str
    host: str
    port: int
    path: str
    address: IPAddress | None = None
    credentials: bytes | None = field(default=None, repr=False)

    @property
    def authority(self) -> str:
        """Returns the value of the Host header: the port only if it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Returns the URL without credentials."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def join(self, location: str) -> Target:
        """Returns where a redirect from here to `location`, relative or absolute, leads.

        Raises:
            InvalidUrl: if `location` cannot be read.
            SchemeNotAllowed: if it is neither http nor https.
        """
        _refuse_unreadable(location)
        try:
            target = parse_url(urljoin(self.url, location))
        except ValueError:
            raise InvalidUrl(f"{self.host} redirects to something that is not a web address.") from None
        same_origin = (target.scheme, target.host, target.port) == (self.scheme, self.host, self.port)
        if same_origin and target.credentials is None:
            return replace(target, credentials=self.credentials)
        return target


def parse_url(url: str) -> Target:
    """Reads a URL.

    Raises:
        InvalidUrl: if it is not one, or is spelled in a way that two programs could read differently.
        SchemeNotAllowed: if it is neither http nor https.
    """
    url = url.strip(" ")
    _refuse_unreadable(url)
    scheme = _scheme(url)
    found = _AUTHORITY.match(url, len(scheme) + 1)
    if not found or not found[1]:
        raise InvalidUrl(f"The address names no host. Expected {scheme}:// and a host.")
    user_info, at, host_port = found[1].rpartition("@")
    if "@" in user_info or "\\" in user_info:
        raise InvalidUrl("The user name or password has an @ or a backslash. Write them as %40 and %5C.")
    host, port = _host_and_port(host_port)
    name, address = parse_host(host)
    path = quote(url[found.end() :].partition("#")[0], safe=_KEPT)
    return Target(
        scheme=scheme,
        host=name,
        port=port or DEFAULT_PORTS[scheme],
        path=path if path.startswith("/") else f"/{path}",
        address=address,
        credentials=unquote_to_bytes(user_info) if at else None,
    )


def _refuse_unreadable(url: str) -> None:
    if len(url) > MAX_URL:
        raise InvalidUrl(f"The address is too long: {len(url):,} characters, at most {MAX_URL:,} are taken.")
    if _CONTROL.search(url):
        raise InvalidUrl("The address has control characters in it, such as a line break. Take them out.")
    try:
        url.encode()
    except UnicodeEncodeError:
        raise InvalidUrl("The address has characters that are no valid Unicode text.") from None


def _scheme(url: str) -> str:
    found = _SCHEME.match(url)
    if not found:
        raise InvalidUrl("The address does not begin with http:// or https://. Write it in full.")
    scheme = found[1].lower()
    if scheme not in DEFAULT_PORTS:
        raise SchemeNotAllowed(f"Only http and https addresses are fetched; this one is {scheme[:32]}.")
    return scheme


def _host_and_port(text: str) -> tuple[str, int | None]:
    found = _HOST_PORT.fullmatch(text)
    if not found or not found[1] or _BAD_IN_AUTHORITY.search(text):
        raise InvalidUrl("The address has no valid host after http://. Expected one such as example.com.")
    if not found[2]:
        return found[1], None
    port = int(found[2]) if len(found[2]) <= 5 else 0
    if not 1 <= port <= 65535:
        raise InvalidUrl("The port is not valid. Expected a whole number from 1 to 65535.")
    return found[1], port
