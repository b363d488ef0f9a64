"""LitServe, as its documentation advises for pictures by URL: batches, fetched and decoded by a pool of threads.

python -m benchmarks.peers.litserve_server
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import litserve as ls

from benchmarks.peers.work import Model, Pictures, Pixels, model_folder, setting


class Classifier(ls.LitAPI):
    """URL in, class out."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - the framework names it
        """Loads the model in the worker's process."""
        self._model = Model(model_folder())
        self._pictures = Pictures(setting("THREADS"))
        self._threads = ThreadPoolExecutor(setting("THREADS"))

    def decode_request(self, request: dict[str, str]) -> str:
        """Returns the URL."""
        return request["url"]

    def batch(self, inputs: Sequence[str]) -> list[Pixels]:
        """Reads the pictures of a batch side by side."""
        return list(self._threads.map(self._pictures.read, inputs))

    def predict(self, batch: Sequence[Pixels]) -> list[str]:
        """Returns the class of each picture."""
        return self._model.classify(batch)

    def unbatch(self, output: list[str]) -> list[str]:
        """Returns the answers one by one."""
        return output

    def encode_response(self, output: str) -> dict[str, str]:
        """Returns the answer's JSON."""
        return {"label": output}


def main() -> None:
    """Serves until it is stopped."""
    api = Classifier(max_batch_size=setting("BATCH"), batch_timeout=setting("WAIT_MS") / 1000)
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=setting("WORKERS"), fast_queue=True)
    where = {"host": "127.0.0.1", "port": setting("PORT")}
    server.run(**where, num_api_servers=1, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
