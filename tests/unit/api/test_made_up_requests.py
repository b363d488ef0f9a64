"""Requests made up from the API's own description, good ones and broken ones: every answer is as it says.

One by one first, then one after the other, each with what the answers before it named: an id, a model, a version.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from shutil import rmtree
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
SEQUENCES, STEPS = 12, 15
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


def described(api: ApiWorld) -> Any:
    """Returns the description, without the operation that says 503 while no worker runs."""
    return schemathesis.openapi.from_wsgi("/openapi.json", api.app, headers=HOST).exclude(path="/readyz")


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

    operations = [result.ok() for result in described(api).get_all_operations()]
    wrong = [text for one in operations for mode in MODES for text in wrong_answers(one, mode, EXAMPLES * fuzz)]

    assert not wrong, "\n\n".join(sorted(set(wrong))[:5])


def test_every_answer_is_as_described_whatever_was_asked_before(api: ApiWorld, fuzz: int) -> None:
    wrong: list[str] = []
    found: list[str] = []
    # As described alone, and with broken requests among them: of those fewer get an answer that names something.
    for modes in (MODES[:1], MODES):
        _ask_in_sequences(api, modes, SEQUENCES * fuzz, wrong, found)

    assert not wrong, "\n\n".join(sorted(set(wrong))[:5])
    # What one answer named, a later request asked for.
    assert found


def _ask_in_sequences(
    api: ApiWorld, modes: Sequence[GenerationMode], sequences: int, wrong: list[str], found: list[str]
) -> None:
    """Adds what is wrong with the answers, and the paths of those that had what they were asked for."""
    schema = described(api)
    schema.config.generation.update(modes=list(modes))

    class Sequences(schema.as_state_machine()):  # type: ignore[misc] # it is made of the description
        def setup(self) -> None:
            # Hypothesis wants the same from the same requests, whatever came of those before.
            api.redis.flushdb()
            rmtree(api.folder)
            api.publish()
            api.publish("pets", 2, serve=False)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            # Nobody works here: neither a job nor its stream of events is worth the wait.
            (case.headers or {}).pop("Prefer", None)
            return {"headers": HOST, "timeout": 0.2}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            if "{" in case.path and response.status_code < 300:
                found.append(case.path)
            try:
                case.validate_response(response, excluded_checks=LEFT_OUT)
            except FailureGroup as error:
                wrong.extend(str(each) for each in error.exceptions)

    Sequences.run(settings=settings(made_up(sequences), stateful_step_count=STEPS))
