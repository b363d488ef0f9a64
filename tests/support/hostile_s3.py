"""An S3 that lies, dawdles or never ends, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from xml.sax.saxutils import escape

from s3fs import S3FileSystem

from tests.support.s3 import BUCKET, ENVIRONMENT

Answer = Callable[["Handler"], None]

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class Handler(BaseHTTPRequestHandler):
    """Answers as its server is told."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answers."""
        self.server.hits.append(f"{self.command} {self.path}")
        self.close_connection = True
        # Whoever asked may have had enough.
        with suppress(OSError):
            self.server.answer(self)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - what http.server looks for

    def begin(self, status: int = 200, length: int | None = None, **headers: str) -> None:
        """Sends the head of an answer."""
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in ({"Content_Type": "application/xml", "Connection": "close"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, text: str | bytes, status: int = 200, **headers: str) -> None:
        """Sends a whole answer."""
        data = text.encode() if isinstance(text, str) else text
        self.begin(status, len(data), **headers)
        if self.command != "HEAD":
            self.wfile.write(data)

    def trickle(self, data: bytes, length: int) -> None:
        """Sends a byte at a time, for as long as somebody reads or the server is there."""
        self.begin(length=length)
        self.wfile.write(data)
        while not self.server.ended.wait(0.2):
            self.wfile.write(b" ")
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """A server with one answer for everything."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.hits: list[str] = []
        self.ended = threading.Event()


class HostileS3:
    """A server, until the block is left."""

    def __init__(self, answer: Answer) -> None:
        self._server = Server(answer)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"s3://{BUCKET}/files"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        S3FileSystem.clear_instance_cache()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.ended.set()
        self._server.shutdown()
        self._server.server_close()
        S3FileSystem.clear_instance_cache()

    @property
    def hits(self) -> list[str]:
        """What was asked."""
        return self._server.hits

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find it."""
        return {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.endpoint}


def listing(*keys: str, token: str = "") -> str:
    """Returns a page of a listing.

    Args:
        token: leads to the next page.
    """
    one = (
        "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>x</ETag>"
        "<Size>1</Size></Contents>"
    )
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    found = "".join(one.format(escape(key)) for key in keys)
    return f"{HEAD}<ListBucketResult><Name>{BUCKET}</Name>{more}{found}</ListBucketResult>"


def silent(handler: Handler) -> None:
    """Never answers."""
    handler.server.ended.wait(60)
