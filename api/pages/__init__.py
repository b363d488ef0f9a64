"""The pages for people: server-rendered, complete without script."""

from __future__ import annotations

from flask import Flask

from api.pages import (
    audit,
    batch,
    classify,
    compare,
    correct,
    dataset,
    datasets,
    elsewhere,
    job,
    jobs,
    models,
    promote,
    samples,
    schedule,
    schedule_edit,
    schedules,
    shadow,
    sign_in,
    tested,
    timeline,
    train,
    upload,
    version,
)
from api.pages.render import problem_page, register_rendering
from api.problems import register_problem_page

MODULES = (
    classify,
    batch,
    job,
    jobs,
    datasets,
    upload,
    dataset,
    train,
    elsewhere,
    models,
    version,
    shadow,
    promote,
    timeline,
    tested,
    correct,
    compare,
    samples,
    schedules,
    schedule,
    schedule_edit,
    sign_in,
    audit,
)


def register(app: Flask) -> None:
    """Adds the pages, what their templates need, and errors shown as pages."""
    register_rendering(app)
    register_problem_page(app, problem_page)
    for module in MODULES:
        app.register_blueprint(module.blueprint)
