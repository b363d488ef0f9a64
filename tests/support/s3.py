"""A local S3: moto's server on loopback, with one bucket."""

from __future__ import annotations

import logging
import os
import uuid
from types import TracebackType
from typing import Self

import requests
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

BUCKET = "loupe"
# A profile of the machine, or its cloud's metadata service, is not to be asked.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "toy",
    "AWS_SECRET_ACCESS_KEY": "toy",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class S3Server:
    """A server, until the block is left."""

    def __enter__(self) -> Self:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        requests.put(f"{self.endpoint}/{BUCKET}", timeout=10).raise_for_status()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop()
        # File systems are kept by what they were made with, and the address in the environment is no part of that.
        S3FileSystem.clear_instance_cache()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find it."""
        return {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.endpoint}

    def new_url(self) -> str:
        """Returns the URL of an empty storage."""
        return f"s3://{BUCKET}/{uuid.uuid4().hex}"
