from __future__ import annotations

from ipaddress import ip_address

import pytest

from shared.errors import InvalidUrl, ItemError, SchemeNotAllowed
from shared.fetch.target import parse_url

ODD_SPELLINGS_OF_LOOPBACK = [
    *["2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0x7f.1", "0177.0.0.1"],
    *["127.0.0.01", "127.0.0.0x1", "127.0.0.1.0", "256.0.0.1", "127.0.0", "0", "0x", "1.2.3.4.5", "127.0.0.1.."],
    *["0x7f.0x0.0x0.0x1", "00000177.0.0.1", "127.0.0.0x", "4294967297", "１２７.1", "0ｘ7f000001"],
]


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "path"),
    [
        ("http://example.com", "http", "example.com", 80, "/"),
        ("HTTPS://EXAMPLE.com.:8443/A?b#c", "https", "example.com", 8443, "/A?b"),
        ("http://example.com?q=1", "http", "example.com", 80, "/?q=1"),
        ("http://example.com:/a", "http", "example.com", 80, "/a"),
        ("http://[2606:4700:0::1111]:81/", "http", "2606:4700::1111", 81, "/"),
        ("http://my_host-1.example/my cat.png", "http", "my_host-1.example", 80, "/my%20cat.png"),
        ("http://bücher.example/Köln%20.jpg", "http", "xn--bcher-kva.example", 80, "/K%C3%B6ln%20.jpg"),
        (" http://example.com/ ", "http", "example.com", 80, "/"),
        ("http://example.com/a\\b", "http", "example.com", 80, "/a%5Cb"),
        ("http://example。com/", "http", "example.com", 80, "/"),
    ],
)
def test_a_url_is_read(url: str, scheme: str, host: str, port: int, path: str) -> None:
    target = parse_url(url)

    assert (target.scheme, target.host, target.port, target.path) == (scheme, host, port, path)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("１２７.０.０.１", "127.0.0.1"),
        ("127。0。0。1", "127.0.0.1"),
        ("①②⑦.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::127.0.0.1]", "::127.0.0.1"),
        ("[0:0:0:0:0:ffff:7f00:1]", "::ffff:127.0.0.1"),
    ],
)
def test_an_address_is_known_as_one(host: str, address: str) -> None:
    assert parse_url(f"http://{host}/").address == ip_address(address)


@pytest.mark.parametrize("host", ODD_SPELLINGS_OF_LOOPBACK)
def test_an_address_in_an_unusual_spelling_is_refused(host: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        *["", " ", "/", "//example.com/", "example.com/a.png", "www", "cat.png", "http", "http:", "http:/", "http://"],
        *["http:///a", "http:/example.com", "http:example.com", "http:\\\\example.com", "http://?", "http://@/"],
        *["http://a b/", "http://exa\tmple.com/", "http://example.com/\n", "http://example.com\x00.evil/", "http://a\x7f/"],
        *["http://example.com:0/", "http://example.com:65536/", "http://example.com:8o/", "http://example.com:-1/"],
        *["http://example.com:0000080/", "http://example.com:８０/", "http://example.com:80:80/", "http://a:b:c/"],
        *["http://%31%32%37.0.0.1/", "http://127.0.0.1%00/", "http://a%2eb/", "http://.example.com/", "http://a..b/"],
        *["http://-a.com/", "http://a-.com/", "http://" + "a" * 64 + ".com/", "http://" + "a." * 130 + "com/", "http://./"],
        *["http://[::1/", "http://::1/", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[fe80::1%lo]/"],
        *["http://[v1.x]/", "http://[127.0.0.1]/", "http://[]/", "http://[::1]]/", "http://a[::1]/", "http://[1::2::3]/"],
        *["http://a@b@127.0.0.1/", "http://example.com\\@127.0.0.1/", "http://a\\@b/", "http://<a>/", "http://a|b/"],
        *["http://💩.example/", "http://a\u200b\u200cb\ud800.example/", "http://\udcff/", "http://x/\udcff"],
        *["http://xn--bcher-kva.example\u2028/", "http://a／b/", "http://a＠b/", "http://a：80/"],
        *["http://" + "a" * 8192, "http://" + "é" * 300],
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *["ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_", "data:image/png;base64,AAAA"],
        *["javascript:alert(1)", "unix:///run/redis.sock", "httpx://a/", "dict://a/", "s3://bucket/key", "ws://a/"],
    ],
)
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(SchemeNotAllowed):
        parse_url(url)


def test_credentials_are_kept_apart_from_everything_shown() -> None:
    target = parse_url("http://me:s%40cret@example.com:81/a")

    assert target.credentials == b"me:s@cret"
    assert target.url == "http://example.com:81/a"
    assert "cret" not in repr(target)


@pytest.mark.parametrize(
    "url",
    [
        *["http://me:s3cret@exa mple/", "http://me:s3cret@h:99999/", "http://me:s3cret@x@h/", "http://me:s3cret@/"],
        *["http://me:s3/cret@host/", "ftp://me:s3cret@h/", "http://me:s3cret@127.1/", "http://me:s3cret@[::1/"],
        "me:s3cret@h",
    ],
)  # fmt: skip
def test_no_message_repeats_credentials(url: str) -> None:
    with pytest.raises(ItemError) as caught:
        parse_url(url)

    assert "s3" not in str(caught.value)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b", "http://example.com:81/b"),
        ("b?c", "http://example.com:81/x/b?c"),
        ("../b", "http://example.com:81/b"),
        ("?c", "http://example.com:81/x/a?c"),
        ("", "http://example.com:81/x/a?q"),
        ("//other.example/b", "http://other.example/b"),
        ("https://other.example/b c", "https://other.example/b%20c"),
    ],
)
def test_a_redirect_is_resolved_against_where_it_came_from(location: str, url: str) -> None:
    assert parse_url("http://example.com:81/x/a?q").join(location).url == url


def test_credentials_follow_a_redirect_on_the_same_origin_only() -> None:
    start = parse_url("http://me:pw@example.com/a")

    assert start.join("/b").credentials == b"me:pw"
    assert start.join("https://example.com/b").credentials is None
    assert start.join("http://other.example/b").credentials is None
    assert start.join("http://you:too@example.com/b").credentials == b"you:too"


@pytest.mark.parametrize("location", ["http://[::1/", "http://a\x00/", "x" * 8193, "http://127.1/", "https://"])
def test_a_redirect_to_no_web_address_is_refused(location: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url("http://example.com/").join(location)


def test_a_redirect_to_another_scheme_is_refused() -> None:
    with pytest.raises(SchemeNotAllowed):
        parse_url("http://example.com/").join("file:///etc/passwd")
