"""The pages for people: server-rendered, complete without script."""

from __future__ import annotations

from flask import Flask

from api.pages import classify, dataset, datasets, job, jobs, models, samples, tested, train, version
from api.pages.render import problem_page, register_rendering
from api.problems import register_problem_page


def register(app: Flask) -> None:
    """Adds the pages, what their templates need, and errors shown as pages."""
    register_rendering(app)
    register_problem_page(app, problem_page)
    for module in (classify, job, jobs, datasets, dataset, train, models, version, tested, samples):
        app.register_blueprint(module.blueprint)
