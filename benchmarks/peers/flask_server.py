"""The server of many tutorials: Flask, and `model.predict` for each request.

    gunicorn benchmarks.peers.flask_server:app

Threads, as Flask's documentation advises for work that waits; one process, because each holds TensorFlow.
"""

from __future__ import annotations

from typing import Any

import keras
from flask import Flask, request

from benchmarks.peers.work import Pictures, labels, model_folder, setting


def create_app() -> Flask:
    """Returns the server."""
    application = Flask(__name__)
    model: Any = keras.saving.load_model(model_folder() / "model.keras", compile=False)
    names = labels(model_folder())
    pictures = Pictures(setting("THREADS"))

    @application.post("/predict")
    def predict() -> dict[str, str]:
        picture = pictures.read(request.get_json()["url"])
        probabilities = model.predict(picture[None], verbose=0)[0]
        return {"label": names[int(probabilities.argmax())]}

    return application


app = create_app()
