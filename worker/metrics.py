"""What a worker counts and times. Durations are in seconds."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

ITEMS = Counter("loupe_items_total", "Pictures with an outcome, by error code or 'ok'", ["code"])
FETCH = Histogram("loupe_fetch_seconds", "Fetching one picture, or reading one upload", buckets=FAST)
DECODE = Histogram("loupe_decode_seconds", "Decoding and preparing one picture", buckets=FAST)
PREDICT = Histogram("loupe_predict_seconds", "Predicting the pictures of one batch", buckets=FAST)
MODEL_LOADS = Counter("loupe_model_loads", "Versions that were loaded, or could not be", ["result"])
MODEL_LOAD = Histogram(
    "loupe_model_load_seconds",
    "Loading, warming and checking one version",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
BATCH_SIZE = Histogram("loupe_batch_size", "Pictures predicted at once", buckets=(1, 2, 4, 8, 16, 32, 64))
