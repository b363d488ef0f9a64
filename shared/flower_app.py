"""Celery's app for Flower: `celery -A shared.flower_app flower`. Loupe's workers answer no remote control."""

from shared.celery_app import make_celery
from shared.settings import load_settings

app = make_celery(load_settings())
