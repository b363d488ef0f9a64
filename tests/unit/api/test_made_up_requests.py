"""Requests made up from the API's own description, good ones and broken ones: every answer is as it says."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.errors import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.support.api_world import ApiWorld

HOST = {"Host": "127.0.0.1:8000"}
EXAMPLES = 4
# A request can be as described and still make no sense: a model that is not there, a picture that is sent two ways.
LEFT_OUT = [positive_data_acceptance]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def made_up(examples: int) -> settings:
    """Returns how requests are made up: the same ones each time, however long an answer takes."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def operations(api: ApiWorld) -> list[Any]:
    """Returns all operations but the one that says 503 while no worker runs."""
    described = schemathesis.openapi.from_wsgi("/openapi.json", api.app, headers=HOST)
    results: Any = described.exclude(path="/readyz").get_all_operations()
    return [result.ok() for result in results]


def wrong_answers(operation: Any, mode: GenerationMode, examples: int) -> list[str]:
    """Returns what is wrong with the answers to made-up requests of one operation."""
    wrong: list[str] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @made_up(examples)
    def ask(case: Any) -> None:
        answer = case.call(headers=HOST)
        try:
            case.validate_response(answer, excluded_checks=LEFT_OUT)
        except FailureGroup as error:
            wrong.extend(str(each) for each in error.exceptions)

    # An operation that takes nothing has no broken requests.
    with suppress(Unsatisfiable):
        ask()
    return wrong


def test_every_answer_is_as_the_api_describes_it(api: ApiWorld, fuzz: int) -> None:
    api.publish("pets", 2, serve=False)

    wrong = [text for one in operations(api) for mode in MODES for text in wrong_answers(one, mode, EXAMPLES * fuzz)]

    assert not wrong, "\n\n".join(wrong[:5])
