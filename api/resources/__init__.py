"""The API's resources, a blueprint each."""

from __future__ import annotations

from flask import Flask

from api.resources import (
    classifications,
    corrections,
    datasets,
    docs,
    events,
    health,
    jobs,
    metrics,
    models,
    pictures,
    recipes,
    results,
    schedules,
    shadows,
    trainings,
    uploads,
    versions,
    webhooks,
)

MODULES = (
    classifications,
    jobs,
    results,
    events,
    datasets,
    uploads,
    corrections,
    pictures,
    recipes,
    trainings,
    schedules,
    models,
    versions,
    webhooks,
    shadows,
    health,
    metrics,
    docs,
)


def register(app: Flask) -> None:
    """Adds the resources."""
    for module in MODULES:
        app.register_blueprint(module.blueprint)
